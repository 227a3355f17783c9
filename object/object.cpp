#include "object/object.h"

#include <algorithm>

namespace wasmpack {

std::string_view section_id_name(SectionId id) {
  switch (id) {
    case SectionId::custom:
      return "CUSTOM";
    case SectionId::type:
      return "TYPE";
    case SectionId::import:
      return "IMPORT";
    case SectionId::function:
      return "FUNCTION";
    case SectionId::table:
      return "TABLE";
    case SectionId::memory:
      return "MEMORY";
    case SectionId::global:
      return "GLOBAL";
    case SectionId::export_:
      return "EXPORT";
    case SectionId::start:
      return "START";
    case SectionId::element:
      return "ELEM";
    case SectionId::code:
      return "CODE";
    case SectionId::data:
      return "DATA";
    case SectionId::data_count:
      return "DATACOUNT";
    case SectionId::tag:
      return "TAG";
  }
  return "UNKNOWN";
}

int section_rank(SectionId id) {
  switch (id) {
    case SectionId::tag:
      return 55;  // between MEMORY and GLOBAL
    case SectionId::data_count:
      return 95;  // between ELEM and CODE
    default:
      return static_cast<int>(id) * 10;
  }
}

std::string_view extern_kind_name(ExternKind kind) {
  constexpr std::string_view names[] = {"function", "table", "memory", "global", "tag"};
  return names[static_cast<size_t>(kind)];
}

std::string_view symbol_kind_name(SymbolKind kind) {
  constexpr std::string_view names[] = {"function", "data", "global", "section", "tag", "table"};
  return names[static_cast<size_t>(kind)];
}

std::optional<ExternKind> extern_kind_of(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::function:
      return ExternKind::function;
    case SymbolKind::global:
      return ExternKind::global;
    case SymbolKind::tag:
      return ExternKind::tag;
    case SymbolKind::table:
      return ExternKind::table;
    case SymbolKind::data:
    case SymbolKind::section:
      break;
  }
  return std::nullopt;
}

bool FuncType::operator==(const FuncType& other) const {
  return is_function == other.is_function && std::ranges::equal(params, other.params) &&
         std::ranges::equal(results, other.results);
}

bool Object::is64() const {
  for (const Import& import : imports)
    if (import.kind == ExternKind::memory) return import.memory.is64;
  return !memories.empty() && memories.front().is64;
}

Bytes Object::function_body(uint32_t function) const {
  const uint32_t first = imported_count(ExternKind::function);
  const int section = find_section(SectionId::code);
  if (function < first || function - first >= code.size() || section < 0) return {};
  const FunctionBody& body = code[function - first];
  return sections[static_cast<size_t>(section)].content.subspan(body.offset, body.size);
}

const Import* Object::find_import(ExternKind kind, uint32_t index) const {
  const std::vector<uint32_t>& positions = imported[static_cast<size_t>(kind)];
  return index < positions.size() ? &imports[positions[index]] : nullptr;
}

uint32_t Object::function_type(uint32_t function) const {
  const uint32_t first_defined = imported_count(ExternKind::function);
  if (function >= first_defined) return functions[function - first_defined];
  const Import* import = find_import(ExternKind::function, function);
  return import != nullptr ? import->type_index : 0;
}

int Object::find_section(SectionId id) const {
  for (size_t i = 0; i < sections.size(); ++i)
    if (sections[i].id == id) return static_cast<int>(i);
  return -1;
}

int Object::find_custom_section(std::string_view name) const {
  for (size_t i = 0; i < sections.size(); ++i)
    if (sections[i].is_custom() && sections[i].name == name) return static_cast<int>(i);
  return -1;
}

const RelocationSection* Object::find_relocations(uint32_t section) const {
  const uint32_t position = sections[section].relocations;
  return position == kNoRelocations ? nullptr : &relocations[position];
}

}  // namespace wasmpack
