#include "inspect/facts/facts.h"

#include <optional>
#include <utility>

#include "inspect/facts/ctor_chain.h"
#include "inspect/facts/function_names.h"
#include "inspect/facts/layout.h"
#include "inspect/facts/manifest_section.h"
#include "inspect/facts/metadata.h"
#include "inspect/facts/spaces.h"
#include "inspect/facts/type_text.h"
#include "object/value_types.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

struct FlagWord {
  uint32_t flag;
  std::string_view word;
};

constexpr FlagWord kSymbolFlagWords[] = {
    {kSymbolWeak, "weak"},         {kSymbolLocal, "local"},
    {kSymbolHidden, "hidden"},     {kSymbolUndefined, "undefined"},
    {kSymbolExported, "exported"}, {kSymbolExplicitName, "explicit_name"},
    {kSymbolNoStrip, "no_strip"},  {kSymbolTls, "tls"},
    {kSymbolAbsolute, "absolute"},
};

constexpr FlagWord kSegmentFlagWords[] = {
    {kSegmentStrings, "strings"}, {kSegmentTls, "tls"}, {kSegmentRetain, "retain"}};

std::vector<std::string> flag_words(uint32_t flags, std::span<const FlagWord> table) {
  std::vector<std::string> words;
  for (const auto& [flag, word] : table) {
    if (flags & flag) words.emplace_back(word);
    flags &= ~flag;
  }
  for (uint32_t bit = 1; bit != 0; bit <<= 1) {
    constexpr char digits[] = "0123456789abcdef";
    if (!(flags & bit)) continue;
    std::string word;
    for (uint32_t left = bit; left != 0; left >>= 4) word.insert(word.begin(), digits[left & 15]);
    words.push_back("0x" + word);
  }
  return words;
}

// Gathers what stands in the Object already, and puts words to it.
class FactsGatherer {
 public:
  FactsGatherer(const Object& object, const FunctionNames& names, Facts& facts)
      : object_(object), names_(names), facts_(facts), type_texts_(object.types.size()) {}

  void gather() {
    gather_sections();
    gather_imports();
    gather_exports();
    if (object_.has_linking) add_flagged_exports();
    gather_symbols();
    gather_segments();
    for (const Comdat& comdat : object_.comdats)
      facts_.comdats.push_back({comdat.name, comdat.entries});
    facts_.features = object_.features;
    facts_.producers = object_.producers;
    gather_functions();
    for (const RelocationSection& relocations : object_.relocations)
      facts_.relocations.push_back(
          {relocations.target, relocations.count, relocations.entries_offset, relocations.entries});
  }

 private:
  std::string_view keep(const std::string& text) {
    char* copy = facts_.arena.Allocate<char>(text.size());
    std::copy(text.begin(), text.end(), copy);
    return {copy, text.size()};
  }

  // A function type is rendered once, however often it is used.
  std::string_view function_type_text(uint32_t type_index) {
    if (type_index >= type_texts_.size()) return keep(render_function_type(object_, type_index));
    std::optional<std::string_view>& text = type_texts_[type_index];
    if (!text) text = keep(render_function_type(object_, type_index));
    return *text;
  }

  std::string_view import_type_text(const Import& import) {
    const bool has_function_type =
        import.kind == ExternKind::function || import.kind == ExternKind::tag;
    return has_function_type ? function_type_text(import.type_index)
                             : keep(render_import_type(object_, import));
  }

  void gather_sections() {
    facts_.sections.reserve(object_.sections.size());
    for (const Section& section : object_.sections) {
      Cursor header(section.raw, section.header_offset);
      header.read_u8();
      const uint64_t size = header.read_varuint32();
      facts_.sections.push_back({static_cast<uint8_t>(section.id), section.name,
                                 section.header_offset, header.offset(), size, std::nullopt});
    }
    for (const RelocationSection& relocations : object_.relocations)
      facts_.sections[relocations.target].relocations = relocations.count;
  }

  void gather_imports() {
    facts_.imports.reserve(object_.imports.size());
    for (const Import& import : object_.imports)
      facts_.imports.push_back(
          {import.module, import.field, import.kind, import_type_text(import)});
  }

  void gather_exports() {
    facts_.exports.reserve(object_.exports.size());
    for (const Export& entry : object_.exports) add_export(entry, /*by_flag=*/false);
  }

  void add_export(const Export& entry, bool by_flag) {
    ExportFact fact{entry.name, entry.kind, entry.index, {}, {}, by_flag};
    if (entry.kind == ExternKind::function) {
      fact.type = function_type_text(object_.function_type(entry.index));
      fact.internal_name = names_.find(entry.index);
    } else {
      fact.type = keep(render_entity_type(object_, entry.kind, entry.index));
    }
    facts_.exports.push_back(fact);
  }

  // A symbol that is flagged, and not exported under an export_name already.
  void add_flagged_exports() {
    std::vector<bool> has_entry(object_.function_count());
    for (const Export& entry : object_.exports)
      if (entry.kind == ExternKind::function) has_entry[entry.index] = true;
    for (const Symbol& symbol : object_.symbols) {
      if (!symbol.is_exported() || symbol.is_undefined()) continue;
      switch (symbol.kind) {
        case SymbolKind::function:
          if (!has_entry[symbol.index])
            add_export({symbol.name, ExternKind::function, symbol.index}, true);
          break;
        case SymbolKind::global:
          add_export({symbol.name, ExternKind::global, symbol.index}, true);
          break;
        case SymbolKind::tag:
          add_export({symbol.name, ExternKind::tag, symbol.index}, true);
          break;
        case SymbolKind::table:
          add_export({symbol.name, ExternKind::table, symbol.index}, true);
          break;
        case SymbolKind::data:  // becomes a global that holds the address
          facts_.exports.push_back({symbol.name,
                                    ExternKind::global,
                                    symbol.index,
                                    object_.is64() ? "i64" : "i32",
                                    {},
                                    true});
          break;
        case SymbolKind::section:
          break;
      }
    }
  }

  void gather_functions() {
    const int section = object_.find_section(SectionId::code);
    if (section < 0) return;
    const uint64_t base = object_.sections[static_cast<size_t>(section)].content_offset;
    const uint32_t first = object_.imported_count(ExternKind::function);
    facts_.functions.reserve(object_.code.size());
    for (uint32_t i = 0; i < object_.code.size(); ++i) {
      const FunctionBody& body = object_.code[i];
      facts_.functions.push_back({first + i, names_.find(first + i),
                                  function_type_text(object_.functions[i]), base + body.offset,
                                  body.size});
    }
  }

  void gather_symbols() {
    facts_.symbols.reserve(object_.symbols.size());
    for (const Symbol& symbol : object_.symbols) {
      SymbolFact fact{symbol.name, symbol.kind, symbol.flags, {}, {}, {}, {}};
      if (symbol.kind != SymbolKind::data) {
        fact.index = symbol.index;
      } else if (symbol.is_defined()) {
        if (!symbol.is_absolute()) fact.segment = symbol.index;
        fact.offset = symbol.offset;
        fact.size = symbol.size;
      }
      if (symbol.kind == SymbolKind::function && symbol.is_defined())
        fact.size = object_.code[symbol.index - object_.imported_count(ExternKind::function)].size;
      if (symbol.kind == SymbolKind::section)
        fact.size = object_.sections[symbol.index].content.size();
      facts_.symbols.push_back(fact);
    }
  }

  void gather_segments() {
    const int section = object_.find_section(SectionId::data);
    if (section < 0) return;
    const uint64_t base = object_.sections[static_cast<size_t>(section)].content_offset;
    facts_.segments.reserve(object_.data.size());
    for (const DataSegment& segment : object_.data) {
      const uint64_t alignment =
          segment.alignment_log2 < 64 ? uint64_t{1} << segment.alignment_log2 : 0;
      SegmentFact fact{segment.name,
                       alignment,
                       segment.flags,
                       base + segment.offset,
                       segment.content.size(),
                       segment.init_flags == 1,
                       std::nullopt};
      if (!fact.is_passive) fact.address = constant_of_expression(segment.offset_init);
      facts_.segments.push_back(fact);
    }
  }

  const Object& object_;
  const FunctionNames& names_;
  Facts& facts_;
  std::vector<std::optional<std::string_view>> type_texts_;  // by type index
};

WasmKind find_kind(const Object& object, bool has_manifest) {
  if (object.has_linking) return WasmKind::object;
  if (has_manifest) return WasmKind::bundle;
  return object.has_dylink ? WasmKind::shared : WasmKind::module;
}

}  // namespace

std::string_view wasm_kind_name(WasmKind kind) {
  constexpr std::string_view names[] = {"object", "module", "shared", "component", "bundle"};
  return names[static_cast<size_t>(kind)];
}

std::string_view comdat_kind_name(ComdatKind kind) {
  constexpr std::string_view names[] = {"data", "function", "global", "tag", "table", "section"};
  return names[static_cast<size_t>(kind)];
}

std::string_view init_model_name(InitModel model) {
  constexpr std::string_view names[] = {"object", "command", "reactor", "library"};
  return names[static_cast<size_t>(model)];
}

std::string_view chain_state_name(ChainState state) {
  constexpr std::string_view names[] = {"present", "absent", "unknown"};
  return names[static_cast<size_t>(state)];
}

std::string_view caller_kind_name(CallerKind kind) {
  constexpr std::string_view names[] = {"symbol", "export", "wrapper", "start"};
  return names[static_cast<size_t>(kind)];
}

std::vector<std::string> symbol_flag_words(uint32_t flags) {
  return flag_words(flags, kSymbolFlagWords);
}

std::vector<std::string> segment_flag_words(uint32_t flags) {
  return flag_words(flags, kSegmentFlagWords);
}

Facts gather_facts(const Object& object) {
  Facts facts;
  facts.file = object.file;
  facts.member = object.member;
  facts.size = object.bytes.size();
  facts.is64 = object.is64();
  facts.function_count = static_cast<uint32_t>(object.functions.size());
  const int manifest = object.find_custom_section("wasmpack.manifest");
  facts.kind = find_kind(object, manifest >= 0);
  const FunctionNames names(object);
  FactsGatherer(object, names, facts).gather();
  gather_spaces(object, facts);
  gather_layout(object, facts);
  gather_metadata(object, facts);
  if (facts.kind == WasmKind::bundle)
    facts.bundle = read_manifest_section(object.sections[static_cast<size_t>(manifest)].content);
  gather_ctor_chain(object, names, facts);
  facts.sizes = measure_sizes(object, facts, SizeDetail::sections);
  return facts;
}

Facts make_component_facts(Bytes bytes, std::string_view file, std::string_view member) {
  Facts facts;
  facts.file = file;
  facts.member = member;
  facts.kind = WasmKind::component;
  facts.size = bytes.size();
  facts.init.reason = "components are not looked into";
  facts.sizes = measure_component_sizes(bytes, member);
  return facts;
}

}  // namespace wasmpack
