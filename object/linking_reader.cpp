// The custom sections of the tool conventions: `linking`, `reloc.*`, `target_features`,
// `producers`.
#include "object/section_readers.h"

namespace wasmpack {
namespace {

// Subsections of `linking` (Linking.md, version 2).
constexpr uint8_t kSegmentInfo = 5;
constexpr uint8_t kInitFunctions = 6;
constexpr uint8_t kComdatInfo = 7;
constexpr uint8_t kSymbolTable = 8;

void read_segment_info(Cursor& cursor, Object& object) {
  const uint64_t at = cursor.offset();
  const uint32_t count = read_entry_count(cursor, 3);
  if (count > object.data.size())
    return cursor.fail_at("more segment infos than data segments", at);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    DataSegment& segment = object.data[i];
    segment.name = cursor.read_name();
    const uint64_t alignment_at = cursor.offset();
    const uint32_t alignment = cursor.read_varuint32();
    if (alignment > 31) return cursor.fail_at("alignment is too large", alignment_at);
    segment.alignment_log2 = alignment;
    segment.flags = cursor.read_varuint32();
  }
}

// A symbol that names an entry of an index space: a function, global, tag or table.
void read_indexed_symbol(Cursor& cursor, const Object& object, Symbol& symbol, uint64_t at) {
  symbol.index = cursor.read_varuint32();
  if (!cursor.ok()) return;
  const ExternKind kind = *extern_kind_of(symbol.kind);
  if (symbol.index >= index_space_size(object, kind))
    return cursor.fail_at("symbol's index is out of range", at);
  const Import* import = object.find_import(kind, symbol.index);
  if (symbol.is_undefined() != (import != nullptr))
    return cursor.fail_at(symbol.is_undefined() ? "undefined symbol names no import"
                                                : "defined symbol names an import",
                          at);
  if (symbol.is_undefined() && !symbol.has_explicit_name())
    symbol.name = import->field;
  else
    symbol.name = cursor.read_name();
}

void read_data_symbol(Cursor& cursor, const Object& object, Symbol& symbol, uint64_t at) {
  symbol.name = cursor.read_name();
  if (symbol.is_undefined()) return;
  symbol.index = cursor.read_varuint32();
  symbol.offset = cursor.read_varuint64();
  symbol.size = cursor.read_varuint64();
  if (!cursor.ok() || symbol.is_absolute()) return;
  if (symbol.index >= object.data.size())
    return cursor.fail_at("data symbol's segment is out of range", at);
  const uint64_t segment_size = object.data[symbol.index].content.size();
  if (symbol.offset > segment_size || symbol.size > segment_size - symbol.offset)
    cursor.fail_at("data symbol reaches past its segment", at);
}

void read_section_symbol(Cursor& cursor, const Object& object, Symbol& symbol, uint64_t at) {
  symbol.index = cursor.read_varuint32();
  if (!cursor.ok()) return;
  if (symbol.index >= object.sections.size() || !object.sections[symbol.index].is_custom())
    return cursor.fail_at("section symbol names no custom section", at);
  if (!symbol.is_local()) return cursor.fail_at("section symbol is not local", at);
  symbol.name = object.sections[symbol.index].name;
}

void read_symbol_table(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 3);
  object.symbols.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Symbol symbol;
    const uint64_t at = cursor.offset();
    const uint8_t kind = cursor.read_u8();
    if (kind > 5) return cursor.fail_at("unknown symbol kind", at);
    symbol.kind = static_cast<SymbolKind>(kind);
    symbol.flags = cursor.read_varuint32();
    if ((symbol.flags & kSymbolBindingMask) == kSymbolBindingMask)
      return cursor.fail_at("symbol is both weak and local", at);
    if (symbol.is_undefined() && symbol.is_local())
      return cursor.fail_at("symbol is both undefined and local", at);
    switch (symbol.kind) {
      case SymbolKind::data:
        read_data_symbol(cursor, object, symbol, at);
        break;
      case SymbolKind::section:
        read_section_symbol(cursor, object, symbol, at);
        break;
      default:
        read_indexed_symbol(cursor, object, symbol, at);
        break;
    }
    if (cursor.ok()) object.symbols.push_back(symbol);
  }
}

void read_init_functions(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 2);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    InitFunction init;
    init.priority = cursor.read_varuint32();
    const uint64_t at = cursor.offset();
    init.symbol = cursor.read_varuint32();
    if (!cursor.ok()) return;
    if (init.symbol >= object.symbols.size() ||
        object.symbols[init.symbol].kind != SymbolKind::function)
      return cursor.fail_at("init function names no function symbol", at);
    object.init_functions.push_back(init);
  }
}

// Comdats name defined things only.
bool is_comdat_index_valid(const Object& object, const ComdatEntry& entry) {
  const auto is_defined = [&](ExternKind kind) {
    return entry.index >= object.imported_count(kind) &&
           entry.index < index_space_size(object, kind);
  };
  switch (entry.kind) {
    case ComdatKind::data:
      return entry.index < object.data.size();
    case ComdatKind::function:
      return is_defined(ExternKind::function);
    case ComdatKind::global:
      return is_defined(ExternKind::global);
    case ComdatKind::tag:
      return is_defined(ExternKind::tag);
    case ComdatKind::table:
      return is_defined(ExternKind::table);
    case ComdatKind::section:
      return entry.index < object.sections.size() && object.sections[entry.index].is_custom();
  }
  return false;
}

void read_comdats(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 3);
  object.comdats.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Comdat comdat;
    comdat.name = cursor.read_name();
    const uint64_t flags_at = cursor.offset();
    comdat.flags = cursor.read_varuint32();
    if (comdat.flags != 0) return cursor.fail_at("unknown comdat flags", flags_at);
    const uint32_t entries = read_entry_count(cursor, 2);
    comdat.entries.reserve(entries);
    for (uint32_t e = 0; e < entries && cursor.ok(); ++e) {
      const uint64_t at = cursor.offset();
      const uint8_t kind = cursor.read_u8();
      if (kind > 5) return cursor.fail_at("unknown comdat entry kind", at);
      const ComdatEntry entry{static_cast<ComdatKind>(kind), cursor.read_varuint32()};
      if (cursor.ok() && !is_comdat_index_valid(object, entry))
        return cursor.fail_at("comdat entry's index is out of range", at);
      comdat.entries.push_back(entry);
    }
    object.comdats.push_back(std::move(comdat));
  }
}

void read_subsection(uint8_t type, Cursor& cursor, Object& object) {
  switch (type) {
    case kSegmentInfo:
      return read_segment_info(cursor, object);
    case kInitFunctions:
      return read_init_functions(cursor, object);
    case kComdatInfo:
      return read_comdats(cursor, object);
    case kSymbolTable:
      return read_symbol_table(cursor, object);
    default:
      cursor.read_bytes(cursor.remaining());
      return;  // kept raw
  }
}

}  // namespace

namespace {

struct FramedSubsection {
  uint8_t type;
  Bytes payload;
  uint64_t offset;  // of the payload, in the file
};

// Cuts the section into its subsections. False: the cursor failed.
bool frame_subsections(Cursor& cursor, Object& object, std::vector<LinkingDamage>* damages,
                       std::vector<FramedSubsection>& subsections) {
  uint32_t seen = 0;
  while (!cursor.at_end()) {
    const uint64_t type_at = cursor.offset();
    LinkingSubsection subsection;
    subsection.type = cursor.read_u8();
    const uint32_t size = cursor.read_varuint32();
    const uint64_t payload_at = cursor.offset();
    subsection.payload = cursor.read_bytes(size);
    if (!cursor.ok()) return false;
    if (subsection.type >= kSegmentInfo && subsection.type <= kSymbolTable) {
      if (seen & (1u << subsection.type)) {
        constexpr const char* what = "linking subsection occurs twice";
        if (damages == nullptr) return cursor.fail_at(what, type_at), false;
        damages->push_back({what, type_at, std::nullopt});
        continue;
      }
      seen |= 1u << subsection.type;
    }
    object.linking.push_back(subsection);
    subsections.push_back({subsection.type, subsection.payload, payload_at});
  }
  return cursor.ok();
}

}  // namespace

void read_linking_section(Cursor& cursor, Object& object, std::vector<LinkingDamage>* damages) {
  const uint64_t at = cursor.offset();
  if (object.has_linking) return cursor.fail("second linking section");
  object.linking_version = cursor.read_varuint32();
  object.has_linking = damages != nullptr;
  if (cursor.ok() && object.linking_version != 2)
    return cursor.fail_at("linking version is not 2 (compiled by an LLVM before 10)", at);
  if (!cursor.ok()) return;
  object.has_linking = true;
  std::vector<FramedSubsection> subsections;
  if (!frame_subsections(cursor, object, damages, subsections) && damages == nullptr) return;
  // Init functions and relocations name symbols, so the symbol table is read first wherever LLVM
  // put it: INIT_FUNCS and COMDAT_INFO may stand before it in files of other producers.
  bool has_symbols = true;
  for (const bool symbols_pass : {true, false}) {
    for (const auto& [type, payload, payload_at] : subsections) {
      if ((type == kSymbolTable) != symbols_pass) continue;
      if (type == kInitFunctions && !has_symbols) continue;
      Cursor inner(payload, payload_at);
      read_subsection(type, inner, object);
      if (inner.ok() && !inner.at_end()) inner.fail("data left over at the end of the subsection");
      if (inner.ok()) continue;
      if (damages == nullptr) return cursor.fail_at(inner.failure(), inner.failure_offset());
      has_symbols = !symbols_pass;
      damages->push_back({inner.failure(), inner.failure_offset(), std::nullopt});
      if (symbols_pass) damages->back().symbol = static_cast<uint32_t>(object.symbols.size());
    }
  }
}

void read_relocation_section(Cursor& cursor, Object& object, uint32_t section) {
  RelocationSection relocations;
  relocations.section = section;
  const uint64_t at = cursor.offset();
  if (!object.has_linking) return cursor.fail("relocations stand before the linking section");
  relocations.target = cursor.read_varuint32();
  if (!cursor.ok()) return;
  if (relocations.target >= section)
    return cursor.fail_at("relocated section does not stand before its relocations", at);
  const Section& target = object.sections[relocations.target];
  const bool is_relocatable =
      target.id == SectionId::code || target.id == SectionId::data ||
      (target.is_custom() && target.name != "linking" && !target.name.starts_with("reloc."));
  if (!is_relocatable) return cursor.fail_at("section cannot be relocated", at);
  if (object.find_relocations(relocations.target) != nullptr)
    return cursor.fail_at("section has two relocation sections", at);
  const uint64_t count_at = cursor.offset();
  relocations.count = cursor.read_varuint32();
  relocations.entries_offset = cursor.offset();
  relocations.entries = cursor.read_bytes(cursor.remaining());
  if (relocations.entries.size() / 3 < relocations.count)
    return cursor.fail_at("count is larger than the data behind it", count_at);
  object.sections[relocations.target].relocations =
      static_cast<uint32_t>(object.relocations.size());
  object.relocations.push_back(relocations);
}

void read_target_features(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 2);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const uint64_t at = cursor.offset();
    const char prefix = static_cast<char>(cursor.read_u8());
    if (cursor.ok() && prefix != '+' && prefix != '-' && prefix != '=')
      return cursor.fail_at("unknown target feature prefix", at);
    const std::string_view name = cursor.read_name();
    if (cursor.ok()) object.features.push_back({prefix, name});
  }
}

void read_producers(Cursor& cursor, Object& object) {
  const uint32_t fields = read_entry_count(cursor, 2);
  for (uint32_t i = 0; i < fields && cursor.ok(); ++i) {
    ProducerField field;
    field.name = cursor.read_name();
    const uint32_t values = read_entry_count(cursor, 2);
    for (uint32_t v = 0; v < values && cursor.ok(); ++v) {
      const std::string_view name = cursor.read_name();
      field.values.push_back({name, cursor.read_name()});
    }
    object.producers.push_back(std::move(field));
  }
}

}  // namespace wasmpack
