#include "inspect/facts/segment_names.h"

#include "support/cursor.h"

namespace wasmpack {
namespace {

// Extended name section proposal.
constexpr uint8_t kDataSegmentNames = 9;

void read_names(Bytes payload, std::vector<std::string_view>& names) {
  Cursor cursor(payload);
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const uint32_t index = cursor.read_varuint32();
    const std::string_view name = cursor.read_name();
    if (cursor.ok() && index < names.size() && names[index].empty()) names[index] = name;
  }
}

}  // namespace

std::vector<std::string_view> read_segment_names(const Object& object) {
  std::vector<std::string_view> names(object.data.size());
  for (size_t i = 0; i < names.size(); ++i) names[i] = object.data[i].name;
  const int section = object.find_custom_section("name");
  if (object.has_linking || section < 0) return names;
  Cursor cursor(object.sections[static_cast<size_t>(section)].content);
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t type = cursor.read_u8();
    const Bytes payload = cursor.read_bytes(cursor.read_varuint32());
    if (type == kDataSegmentNames) read_names(payload, names);
  }
  return names;
}

}  // namespace wasmpack
