#include "object/name_section.h"

#include "object/section_readers.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint8_t kModuleName = 0;
constexpr uint8_t kFunctionNames = 1;

void read_names(Cursor& cursor, uint32_t entries, std::vector<std::string_view>& names) {
  names.resize(entries);
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const uint32_t index = cursor.read_varuint32();
    const std::string_view name = cursor.read_name();
    if (cursor.ok() && index < entries && names[index].empty()) names[index] = name;
  }
}

uint8_t subsection_of(ExternKind kind) {
  constexpr uint8_t numbers[] = {kFunctionNames, 5, 6, 7, 11};
  return numbers[static_cast<size_t>(kind)];
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
    if (type == kFunctionNames) read_names(payload, object.function_count(), names.functions);
    if (!payload.ok()) cursor.fail_at(payload.failure(), payload.failure_offset());
  }
  names.failure = cursor.failure();
  names.failure_offset = cursor.failure_offset();
  return names;
}

std::string_view read_module_name(const Object& object) {
  const int position = object.find_custom_section("name");
  if (position < 0) return {};
  Cursor cursor(object.sections[static_cast<size_t>(position)].content);
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t type = cursor.read_u8();
    Cursor payload(cursor.read_bytes(cursor.read_varuint32()));
    if (cursor.ok() && type == kModuleName) return payload.read_name();
  }
  return {};
}

std::vector<std::string_view> read_entity_names(const Object& object, ExternKind kind) {
  std::vector<std::string_view> names;
  const int position = object.find_custom_section("name");
  if (position < 0) return names;
  Cursor cursor(object.sections[static_cast<size_t>(position)].content);
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t type = cursor.read_u8();
    Cursor payload(cursor.read_bytes(cursor.read_varuint32()));
    if (cursor.ok() && type == subsection_of(kind))
      read_names(payload, index_space_size(object, kind), names);
  }
  return names;
}

}  // namespace wasmpack
