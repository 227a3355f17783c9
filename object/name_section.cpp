#include "object/name_section.h"

#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint8_t kModuleName = 0;
constexpr uint8_t kFunctionNames = 1;

void read_function_names(Cursor& cursor, uint32_t function_count, NameSection& names) {
  names.functions.resize(function_count);
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const uint32_t index = cursor.read_varuint32();
    const std::string_view name = cursor.read_name();
    if (cursor.ok() && index < function_count && names.functions[index].empty())
      names.functions[index] = name;
  }
}

}  // namespace

NameSection read_name_section(const Object& object) {
  NameSection names;
  const int position = object.find_custom_section("name");
  if (position < 0) return names;
  names.is_present = true;
  const Section& section = object.sections[static_cast<size_t>(position)];
  Cursor cursor(section.content, section.content_offset);
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t type = cursor.read_u8();
    const uint32_t size = cursor.read_varuint32();
    const uint64_t offset = cursor.offset();
    Cursor payload(cursor.read_bytes(size), offset);
    if (!cursor.ok()) break;
    if (type == kModuleName) names.module = payload.read_name();
    if (type == kFunctionNames) read_function_names(payload, object.function_count(), names);
    if (!payload.ok()) cursor.fail_at(payload.failure(), payload.failure_offset());
  }
  names.failure = cursor.failure();
  names.failure_offset = cursor.failure_offset();
  return names;
}

}  // namespace wasmpack
