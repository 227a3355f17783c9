#include "inspect/render/page_trim.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "inspect/render/short_text.h"

namespace wasmpack {
namespace {

constexpr size_t kMaxText = 4096;  // bytes, of what is no name
constexpr size_t kMaxShort = 200;  // of lists that are short in all files people make
constexpr size_t kMaxFindings = 1000;
constexpr size_t kMaxNested = 100;  // of what one constructor calls or registers

class Trimmer {
 public:
  Trimmer(Inspected& inspected, size_t max_items)
      : inspected_(inspected), facts_(inspected.facts), max_items_(max_items) {}

  std::vector<CutList> trim() {
    drop_what_is_not_shown();
    trim_symbols();
    trim_functions();
    trim_interface();
    trim_constructors();
    trim_bundle();
    trim_rest();
    trim_findings();
    return std::move(cuts_);
  }

 private:
  void cut(std::string_view& text, size_t limit = kMaxShortText) {
    if (text.size() <= limit) return;
    const std::string cut = shorten(text, limit);
    char* copy = facts_.arena.Allocate<char>(cut.size());
    std::ranges::copy(cut, copy);
    text = {copy, cut.size()};
  }
  static void cut(std::string& text, size_t limit = kMaxShortText) {
    if (text.size() > limit) text = shorten(text, limit);
  }

  template <class Item>
  void note_cut(std::string_view name, const std::vector<Item>& list, size_t limit) {
    if (list.size() > limit) cuts_.push_back({name, limit, list.size()});
  }
  template <class Item>
  void cut_list(std::string_view name, std::vector<Item>& list, size_t limit) {
    note_cut(name, list, limit);
    if (list.size() > limit) list.erase(list.begin() + static_cast<ptrdiff_t>(limit), list.end());
  }

  // Keeps the items of highest rank, the earlier of equal ones.
  template <class Item, class Rank>
  void keep_highest(std::string_view name, std::vector<Item>& list, Rank rank) {
    note_cut(name, list, max_items_);
    if (list.size() <= max_items_) return;
    std::vector<std::pair<uint64_t, uint32_t>> ranks;  // the rank's complement, the position
    ranks.reserve(list.size());
    for (uint32_t i = 0; i < list.size(); ++i) ranks.emplace_back(~rank(list[i]), i);
    const auto end = ranks.begin() + static_cast<ptrdiff_t>(max_items_);
    std::ranges::nth_element(ranks, end);
    std::sort(ranks.begin(), end, [](const auto& a, const auto& b) { return a.second < b.second; });
    std::vector<Item> kept;
    kept.reserve(max_items_);
    for (auto entry = ranks.begin(); entry != end; ++entry)
      kept.push_back(std::move(list[entry->second]));
    list = std::move(kept);
  }

  void drop_what_is_not_shown() {
    facts_.comdats.clear();
    facts_.relocations.clear();
    facts_.linking_problems.clear();
    facts_.graph.reset();
    facts_.why.clear();
    facts_.sizes.items.clear();  // its names stay: the page's own tree refers to them
  }

  void trim_symbols() {
    keep_highest("symbols", facts_.symbols, [](const SymbolFact& symbol) {
      constexpr uint64_t kFirst = uint64_t{1} << 62;
      if ((symbol.flags & (kSymbolUndefined | kSymbolExported)) != 0) return kFirst;
      return std::min(symbol.size.value_or(0), kFirst - 1);
    });
    for (SymbolFact& symbol : facts_.symbols) cut(symbol.name);
  }

  void trim_functions() {
    keep_highest("functions", facts_.functions,
                 [](const FunctionFact& function) { return function.size; });
    for (FunctionFact& function : facts_.functions) {
      cut(function.name);
      cut(function.type);
    }
  }

  void trim_interface() {
    cut_list("exports", facts_.exports, max_items_);
    for (ExportFact& entry : facts_.exports) {
      cut(entry.name);
      cut(entry.type);
      cut(entry.internal_name);
    }
    cut_list("imports", facts_.imports, max_items_);
    for (ImportFact& import : facts_.imports) {
      cut(import.module);
      cut(import.name);
      cut(import.type);
    }
  }

  void cut_function(FunctionRef& function) { cut(function.name); }

  void trim_constructors() {
    cut_list("constructors", facts_.constructors, max_items_);
    for (ConstructorFact& constructor : facts_.constructors) {
      cut_function(constructor.function);
      cut(constructor.origin);
      if (constructor.calls) {
        if (constructor.calls->size() > kMaxNested) constructor.calls->resize(kMaxNested);
        for (FunctionRef& call : *constructor.calls) cut_function(call);
      }
      if (constructor.registers.size() > kMaxNested) constructor.registers.resize(kMaxNested);
      for (RegistrationFact& entry : constructor.registers) {
        cut(entry.registrar);
        cut(entry.name);
        cut_function(entry.function);
      }
    }
    InitFacts& init = facts_.init;
    cut(init.reason, kMaxText);
    if (init.exported_as) cut(*init.exported_as);
    cut_list("callers", init.callers, max_items_);
    for (ChainCaller& caller : init.callers) {
      cut(caller.name);
      for (FunctionRef& step : caller.path) cut_function(step);
    }
    cut_list("runs", init.runs, max_items_);
    for (ExportRuns& runs : init.runs) {
      cut(runs.name);
      cut(runs.reason);
    }
  }

  void trim_bundle() {
    if (!facts_.bundle) return;
    BundleFacts& bundle = *facts_.bundle;
    cut(bundle.name);
    cut(bundle.version);
    cut(bundle.problem, kMaxText);
    cut_list("kernels", bundle.kernels, max_items_);
    for (KernelFact& kernel : bundle.kernels) {
      cut(kernel.name);
      cut(kernel.symbol);
      cut(kernel.type);
      cut(kernel.library);
    }
    cut(bundle.init);
    cut_list("params", bundle.params, max_items_);
    for (ParamFact& param : bundle.params) {
      cut(param.name);
      cut(param.dtype);
      cut(param.file);
      if (param.shape.size() > kMaxNested) param.shape.resize(kMaxNested);
    }
  }

  void trim_rest() {
    cut(facts_.file, kMaxText);
    cut(facts_.member);
    cut(facts_.module_name);
    cut_list("sections", facts_.sections, max_items_);
    for (SectionFact& section : facts_.sections) cut(section.name);
    cut_list("segments", facts_.segments, max_items_);
    for (SegmentFact& segment : facts_.segments) cut(segment.name);
    cut_list("spaces", facts_.spaces, max_items_);
    for (SpaceFact& space : facts_.spaces) {
      cut(space.name);
      cut(space.type);
    }
    cut_list("features", facts_.features, kMaxShort);
    for (TargetFeature& feature : facts_.features) cut(feature.name);
    cut_list("producers", facts_.producers, kMaxShort);
    for (ProducerField& field : facts_.producers) {
      cut(field.name);
      if (field.values.size() > kMaxShort) field.values.resize(kMaxShort);
      for (ProducerValue& value : field.values) {
        cut(value.name);
        cut(value.version);
      }
    }
    cut_list("metadata", facts_.metadata, kMaxShort);
    for (MetadataFact& entry : facts_.metadata) {
      cut(entry.name);
      cut(entry.value, kMaxText);
    }
    cut(facts_.validity.message, kMaxText);
    if (facts_.dylink) {
      cut_list("needed", facts_.dylink->needed, kMaxShort);
      for (std::string_view& name : facts_.dylink->needed) cut(name);
      cut_list("runtime_paths", facts_.dylink->runtime_paths, kMaxShort);
      for (std::string_view& path : facts_.dylink->runtime_paths) cut(path);
    }
  }

  void trim_findings() {
    cut_list("findings", inspected_.findings, kMaxFindings);
    for (Diagnostic& finding : inspected_.findings) {
      cut(finding.message, kMaxText);
      cut(finding.help, kMaxText);
      cut(finding.where.section);
      if (finding.notes.size() > kMaxNested) finding.notes.resize(kMaxNested);
      for (std::string& note : finding.notes) cut(note, kMaxText);
    }
  }

  Inspected& inspected_;
  Facts& facts_;
  size_t max_items_;
  std::vector<CutList> cuts_;
};

}  // namespace

std::vector<CutList> trim_for_page(Inspected& inspected, size_t max_items) {
  return Trimmer(inspected, max_items).trim();
}

}  // namespace wasmpack
