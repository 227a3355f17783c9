// The second half of library.h: the library's object as the bundle's plan wants it.
#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "linker/link.h"
#include "object/read.h"
#include "object/registrations.h"
#include "object/relocation_reader.h"
#include "object/reserved_names.h"
#include "object/write.h"
#include "packager/library.h"
#include "packager/linking_section.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

constexpr std::string_view kCallConstructors = "__wasm_call_ctors";

bool is_defined_global(const Symbol& symbol) {
  return symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section;
}

class LibrarySealer {
 public:
  LibrarySealer(const LinkedLibrary& library, const SealingPlan& plan, DiagnosticSink& sink)
      : library_(library), plan_(plan), sink_(sink) {}

  SealedLibrary seal() {
    LinkOptions options;
    options.edits = plan_edits();
    if (sink_.has_errors()) return {};
    const std::optional<std::vector<uint8_t>> linked = link(options);
    if (!linked) return {};
    std::optional<Object> object = read(*linked);
    if (!object) return {};
    add_aliases(*object);
    number_constructors(*object);
    const ByteWriter relocations = rename_registrations(*object);
    SealedLibrary sealed;
    sealed.bytes = rewrite_linking(*object, relocations.bytes());
    if (std::optional<Object> finished = read(sealed.bytes)) sealed.object = std::move(*finished);
    return sealed;
  }

 private:
  // ---- Symbol edits
  // ------------------------------------------------------------------------------

  SymbolEdits plan_edits() {
    const Object& object = library_.object;
    const bool seal = library_.request->seal;
    SymbolEdits edits;
    edits.seal = seal;
    edits.redefine = plan_.redirects;
    std::unordered_set<std::string_view> kept;
    const auto keep = [&](std::string_view name) {
      if (!kept.insert(name).second) return false;
      if (seal) edits.keep_global.push_back(escape_pattern(name));
      return true;
    };
    for (const Kernel& kernel : library_.kernels) {
      const bool is_first = keep(kernel.symbol);  // further names become aliases
      const std::string symbol = kernel_symbol(kernel);
      if (is_first && symbol != kernel.symbol) edits.redefine.emplace_back(kernel.symbol, symbol);
    }
    for (const std::string& name : plan_.shared) keep(name);
    for (const auto& [function, name] : plan_.exposed) keep(name);
    const PatternList keep_global =
        PatternList::create(library_.keep_global, "keep-global").value_or(PatternList());
    if (seal) {
      edits.keep_global.insert(edits.keep_global.end(), library_.keep_global.begin(),
                               library_.keep_global.end());
    }

    std::unordered_set<uint32_t> with_export_name;
    for (const Export& entry : object.exports) {
      if (entry.kind == ExternKind::function) with_export_name.insert(entry.index);
    }
    // What of the contract must know that it is not the host that calls.
    constexpr std::pair<std::string_view, std::string_view> kInside[] = {
        {kCallConstructors, kRunConstructors}, {"wasmpack_entry", "__wasmpack_entry"}};
    std::unordered_set<std::string_view> undefined;
    for (const Symbol& symbol : object.symbols) {
      if (symbol.is_undefined()) undefined.insert(symbol.name);
      if (!is_defined_global(symbol)) continue;
      // What the bundle exports is the manifest's business alone.
      const bool is_exported = symbol.is_exported() || (symbol.kind == SymbolKind::function &&
                                                        with_export_name.contains(symbol.index));
      if (is_exported) edits.unexport.push_back(escape_pattern(symbol.name));
      // The bundle's own entry takes the place of a library's. Sealing by itself spares what is
      // marked as used: two libraries may use the same name for that. Context cells of TVM are
      // weak: two libraries would share one without a word.
      const bool is_named = kept.contains(symbol.name) || keep_global.matches(symbol.name);
      const bool is_cell = library_.tvm && is_tvm_cell(symbol.name);
      if (is_init_entry(symbol.name) || (seal && symbol.is_no_strip() && !is_named) ||
          (is_cell && !is_named))
        edits.localize.emplace_back(symbol.name);
    }
    for (const auto& [name, inside] : kInside) {
      if (undefined.contains(name)) edits.redefine.emplace_back(name, inside);
    }
    return edits;
  }

  std::string kernel_symbol(const Kernel& kernel) const {
    return plan_.kernel_prefix + kernel.name;
  }

  // Links, and passes on what the linker says; what sealing for a bundle means is no news.
  std::optional<std::vector<uint8_t>> link(const LinkOptions& options) {
    std::vector<LinkInput> inputs;
    inputs.push_back({InputFile::from_bytes(
        library_.title(), plan_.exposed.empty() ? library_.bytes : expose_functions())});
    DiagnosticSink problems;
    LinkReport report;
    std::optional<std::vector<uint8_t>> bytes = link_to_memory(inputs, options, report, problems);
    for (Diagnostic& problem : problems.take_sorted()) {
      if (problem.id == "localized-export") continue;
      problem.notes.push_back("while sealing " + library_.title());
      sink_.report(std::move(problem));
    }
    return bytes;
  }

  // The library's object with further global names of functions, local ones too.
  std::vector<uint8_t> expose_functions() const {
    Object object = library_.object;
    for (const auto& [function, name] : plan_.exposed) {
      object.symbols.push_back(
          {.name = name, .index = function, .flags = kSymbolHidden, .kind = SymbolKind::function});
    }
    return rewrite_linking(object);
  }

  std::optional<Object> read(const std::vector<uint8_t>& bytes) {
    Result<Object> object = read_object(bytes, library_.name());
    if (object) return std::move(*object);
    sink_.report(std::move(object.error()));
    return std::nullopt;
  }

  // ---- Edits of the tables
  // -----------------------------------------------------------------------

  // Further names of kernels; the old one, if it is to stay.
  void add_aliases(Object& object) {
    std::unordered_map<std::string_view, uint32_t> functions;
    for (uint32_t i = 0; i < object.symbols.size(); ++i) {
      const Symbol& symbol = object.symbols[i];
      if (is_defined_global(symbol) && symbol.kind == SymbolKind::function)
        functions.emplace(symbol.name, i);
    }
    const auto add = [&](uint32_t target, std::string name) {
      Symbol alias = object.symbols[target];
      alias.name = names_.emplace_back(std::move(name));
      object.symbols.push_back(alias);
    };
    std::unordered_set<std::string_view> registry_names;
    for (const Kernel& kernel : library_.kernels) registry_names.insert(kernel.name);
    const PatternList keep_global =
        PatternList::create(library_.keep_global, "keep-global").value_or(PatternList());
    std::unordered_map<std::string_view, std::string> first_names;
    for (const Kernel& kernel : library_.kernels) {
      const auto [first, is_new] = first_names.emplace(kernel.symbol, kernel_symbol(kernel));
      const auto target = functions.find(first->second);
      if (target == functions.end()) continue;
      if (!is_new)
        add(target->second, kernel_symbol(kernel));
      else if (keep_global.matches(kernel.symbol) && !registry_names.contains(kernel.symbol))
        add(target->second, kernel.symbol);
    }
  }

  void number_constructors(Object& object) const {
    std::ranges::stable_sort(object.init_functions, {}, &InitFunction::priority);
    const size_t count = std::min(object.init_functions.size(), plan_.priorities.size());
    for (size_t i = 0; i < count; ++i) object.init_functions[i].priority = plan_.priorities[i];
  }

  // Gives what the library registers its new names: the relocation of the text's address goes to
  // another text, since the old one may be the end of a longer one that is used elsewhere. Returns
  // the new content of reloc.CODE, empty if it stays.
  ByteWriter rename_registrations(Object& object) {
    ByteWriter out;
    if (plan_.new_names.empty()) return out;
    const std::vector<std::string_view> registrars(plan_.registrars.begin(),
                                                   plan_.registrars.end());
    const Registrations registrations = read_registrations(object, registrars);
    std::unordered_map<uint32_t, uint32_t> symbol_of;  // relocation -> new symbol
    for (const auto& [entry, name] : plan_.new_names) {
      if (entry >= registrations.entries.size()) continue;
      symbol_of.emplace(registrations.entries[entry].name_relocation,
                        static_cast<uint32_t>(object.symbols.size()));
      object.symbols.push_back(
          {.name = names_.emplace_back(name), .flags = kSymbolUndefined, .kind = SymbolKind::data});
    }
    const int code = object.find_section(SectionId::code);
    const RelocationSection* section = object.find_relocations(static_cast<uint32_t>(code));
    if (section == nullptr) return out;
    out.write_varuint(section->target);
    out.write_varuint(section->count);
    RelocationReader reader(section->entries);
    uint32_t number = 0;
    for (Relocation relocation; reader.next(relocation); ++number) {
      if (const auto found = symbol_of.find(number); found != symbol_of.end()) {
        relocation.index = found->second;
        relocation.addend = 0;
      }
      encode_relocation(out, relocation);
    }
    return out;
  }

  const LinkedLibrary& library_;
  const SealingPlan& plan_;
  DiagnosticSink& sink_;
  std::deque<std::string> names_;  // of symbols that are added; their addresses must not change
};

}  // namespace

SealedLibrary seal_library(const LinkedLibrary& library, const SealingPlan& plan,
                           DiagnosticSink& sink) {
  DiagnosticSink problems;
  SealedLibrary sealed = LibrarySealer(library, plan, problems).seal();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  return sealed;
}

}  // namespace wasmpack
