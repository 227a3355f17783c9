#include "inspect/facts/type_text.h"

#include <string_view>

#include "support/cursor.h"

namespace wasmpack {
namespace {

struct TypeName {
  uint8_t code;
  std::string_view value;  // as a value type; for a reference type the nullable one
  std::string_view heap;   // as a heap type, empty if it is none
};

// Core specification 5.3.1-5.3.4; 0x68 and 0x75 are the stack-switching proposal's.
constexpr TypeName kTypeNames[] = {
    {0x7f, "i32", ""},
    {0x7e, "i64", ""},
    {0x7d, "f32", ""},
    {0x7c, "f64", ""},
    {0x7b, "v128", ""},
    {0x78, "i8", ""},
    {0x77, "i16", ""},
    {0x75, "nullcontref", "nocont"},
    {0x74, "nullexnref", "noexn"},
    {0x73, "nullfuncref", "nofunc"},
    {0x72, "nullexternref", "noextern"},
    {0x71, "nullref", "none"},
    {0x70, "funcref", "func"},
    {0x6f, "externref", "extern"},
    {0x6e, "anyref", "any"},
    {0x6d, "eqref", "eq"},
    {0x6c, "i31ref", "i31"},
    {0x6b, "structref", "struct"},
    {0x6a, "arrayref", "array"},
    {0x69, "exnref", "exn"},
    {0x68, "contref", "cont"},
};

const TypeName* find_type_name(uint8_t code) {
  for (const TypeName& row : kTypeNames)
    if (row.code == code) return &row;
  return nullptr;
}

std::string hex_byte(uint8_t byte) {
  constexpr char digits[] = "0123456789abcdef";
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

// A heap type is a type index, or a negative number that is one of the codes (5.3.2).
std::string read_heap_type(Cursor& cursor) {
  const int64_t type = cursor.read_varint33();
  if (type >= 0) return std::to_string(type);
  const auto code = static_cast<uint8_t>(type & 0x7f);
  const TypeName* row = type >= -64 ? find_type_name(code) : nullptr;
  return row != nullptr && !row->heap.empty() ? std::string(row->heap) : hex_byte(code);
}

// One value type, appended; false if the rest cannot be read.
bool append_value_type(Cursor& cursor, std::string& text) {
  const uint8_t code = cursor.read_u8();
  if (code == 0x63 || code == 0x64) {
    text += code == 0x63 ? "(ref null " : "(ref ";
    text += read_heap_type(cursor);
    text += ')';
    return cursor.ok();
  }
  const TypeName* row = find_type_name(code);
  text += row != nullptr ? std::string(row->value) : hex_byte(code);
  return row != nullptr;
}

}  // namespace

std::string render_value_types(Bytes types) {
  std::string text;
  Cursor cursor(types);
  while (!cursor.at_end()) {
    if (!text.empty()) text += ',';
    if (!append_value_type(cursor, text)) break;
  }
  return text;
}

std::string render_function_type(const Object& object, uint32_t type_index) {
  if (type_index >= object.types.size() || !object.types[type_index].is_function)
    return "type " + std::to_string(type_index);
  const FuncType& type = object.types[type_index];
  const std::string results = render_value_types(type.results);
  const bool is_one = !results.empty() && results.find(',') == std::string::npos;
  const std::string params = '(' + render_value_types(type.params) + ")->";
  return is_one ? params + results : params + '(' + results + ')';
}

std::string render_limits(const Limits& limits) {
  std::string text = std::to_string(limits.minimum) + "..";
  if (limits.maximum) text += std::to_string(*limits.maximum);
  if (limits.is64) text += " i64";
  if (limits.is_shared) text += " shared";
  if (limits.page_size_log2) text += " page size 2^" + std::to_string(*limits.page_size_log2);
  return text;
}

std::string render_table_type(const TableType& type) {
  return render_value_types(type.element_type) + ' ' + render_limits(type.limits);
}

std::string render_global_type(const GlobalType& type) {
  return (type.is_mutable ? "mut " : "") + render_value_types(type.value_type);
}

std::string render_import_type(const Object& object, const Import& import) {
  switch (import.kind) {
    case ExternKind::function:
    case ExternKind::tag:
      return render_function_type(object, import.type_index);
    case ExternKind::table:
      return render_table_type(import.table);
    case ExternKind::memory:
      return render_limits(import.memory);
    case ExternKind::global:
      return render_global_type(import.global);
  }
  return "?";
}

std::string render_entity_type(const Object& object, ExternKind kind, uint32_t index) {
  if (const Import* import = object.find_import(kind, index))
    return render_import_type(object, *import);
  const size_t defined = index - object.imported_count(kind);
  switch (kind) {
    case ExternKind::function:
      if (defined >= object.functions.size()) return "?";
      return render_function_type(object, object.functions[defined]);
    case ExternKind::tag:
      if (defined >= object.tags.size()) return "?";
      return render_function_type(object, object.tags[defined]);
    case ExternKind::table:
      return defined < object.tables.size() ? render_table_type(object.tables[defined].type) : "?";
    case ExternKind::memory:
      return defined < object.memories.size() ? render_limits(object.memories[defined]) : "?";
    case ExternKind::global:
      return defined < object.globals.size() ? render_global_type(object.globals[defined].type)
                                             : "?";
  }
  return "?";
}

}  // namespace wasmpack
