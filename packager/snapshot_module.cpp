#include "packager/snapshot_module.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "object/instructions.h"
#include "object/write.h"
#include "packager/snapshot_data.h"
#include "support/byte_writer.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint8_t kGlobalNames = 7;       // subsections of `name`
constexpr uint8_t kDataSegmentNames = 9;  // extended name section proposal

uint32_t load_u32(const std::array<uint8_t, 16>& value) {
  uint32_t number = 0;
  std::memcpy(&number, value.data(), sizeof number);
  return number;
}

uint64_t load_u64(const std::array<uint8_t, 16>& value) {
  uint64_t number = 0;
  std::memcpy(&number, value.data(), sizeof number);
  return number;
}

// ---- Globals ------------------------------------------------------------------------------------

// Whether a snapshot writes that type of global: a number, not a reference.
bool is_number(const GlobalType& type) {
  return type.value_type.size() == 1 && type.value_type[0] >= 0x7b && type.value_type[0] <= 0x7f;
}

void write_constant(ByteWriter& out, uint8_t type, const std::array<uint8_t, 16>& value) {
  constexpr uint8_t kI64Const = 0x42, kF32Const = 0x43, kF64Const = 0x44, kSimdPrefix = 0xfd;
  constexpr uint32_t kV128Const = 12;
  const Bytes bytes = value;
  switch (type) {
    case 0x7f:
      out.write_u8(opcode::kI32Const);
      out.write_varint(static_cast<int32_t>(load_u32(value)));
      break;
    case 0x7e:
      out.write_u8(kI64Const);
      out.write_varint(static_cast<int64_t>(load_u64(value)));
      break;
    case 0x7d:
      out.write_u8(kF32Const);
      out.write_bytes(bytes.first(4));
      break;
    case 0x7c:
      out.write_u8(kF64Const);
      out.write_bytes(bytes.first(8));
      break;
    default:
      out.write_u8(kSimdPrefix);
      out.write_varuint(kV128Const);
      out.write_bytes(bytes);
  }
  out.write_u8(opcode::kEnd);
}

void write_globals(ByteWriter& out, const Object& module, const InstanceState& state) {
  ByteWriter content;
  content.write_varuint(module.globals.size());
  for (size_t i = 0; i < module.globals.size(); ++i) {
    const auto& [type, init] = module.globals[i];
    encode_global_type(content, type);
    if (type.is_mutable && is_number(type))
      write_constant(content, type.value_type[0], state.globals[i]);
    else
      content.write_bytes(init);
  }
  append_section(out, SectionId::global, content.bytes());
}

// ---- The dead part of the stack -----------------------------------------------------------------

std::optional<uint32_t> read_i32_constant(Bytes expression) {
  Cursor cursor(expression);
  if (cursor.read_u8() != opcode::kI32Const) return std::nullopt;
  const int32_t value = cursor.read_varint32();
  if (cursor.read_u8() != opcode::kEnd || !cursor.ok()) return std::nullopt;
  return static_cast<uint32_t>(value);
}

std::optional<uint32_t> find_named_global(const Object& module, std::string_view wanted) {
  const int position = module.find_custom_section("name");
  if (position < 0) return std::nullopt;
  Cursor cursor(module.sections[static_cast<size_t>(position)].content);
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t type = cursor.read_u8();
    Cursor payload(cursor.read_bytes(cursor.read_varuint32()));
    if (type != kGlobalNames) continue;
    const uint32_t count = payload.read_count();
    for (uint32_t i = 0; i < count && payload.ok(); ++i) {
      const uint32_t index = payload.read_varuint32();
      if (payload.read_name() == wanted && payload.ok() && index < module.globals.size())
        return index;
    }
  }
  return std::nullopt;
}

// The end of what lies below the stack pointer, the dead rest of calls that have returned; 0 if the
// stack is not known to be the first thing in memory. Modules whose names are gone keep it.
uint32_t find_dead_end(const Object& module, const InstanceState& state) {
  const std::optional<uint32_t> index = find_named_global(module, "__stack_pointer");
  if (!index) return 0;
  const auto& [type, init] = module.globals[*index];
  if (!type.is_mutable || type.value_type.size() != 1 || type.value_type[0] != 0x7f) return 0;
  const std::optional<uint32_t> top = read_i32_constant(init);
  if (!top) return 0;
  for (const DataSegment& segment : module.data) {
    const std::optional<uint32_t> address = read_i32_constant(segment.offset_init);
    if (!address || *address < *top) return 0;
  }
  return std::min(*top, load_u32(state.globals[*index]));
}

// ---- Sections -----------------------------------------------------------------------------------

void write_memory(ByteWriter& out, const Object& module, const InstanceState& state) {
  Limits memory = module.memories.front();
  memory.minimum = state.pages;
  ByteWriter content;
  content.write_varuint(1);
  encode_limits(content, memory);
  append_section(out, SectionId::memory, content.bytes());
}

// The `name` section without the names of data segments, or as it was if it has none.
void write_names(ByteWriter& out, const Section& section) {
  ByteWriter content;
  bool has_data_names = false;
  Cursor cursor(section.content);
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t* begin = cursor.position();
    const bool is_data_names = cursor.read_u8() == kDataSegmentNames;
    cursor.read_bytes(cursor.read_varuint32());
    has_data_names |= is_data_names;
    if (!is_data_names && cursor.ok()) content.write_bytes({begin, cursor.position()});
  }
  if (cursor.ok() && has_data_names)
    append_custom_section(out, section.name, content.bytes());
  else
    out.write_bytes(section.raw);
}

}  // namespace

Result<std::vector<uint8_t>> write_snapshot(const Object& module, const InstanceState& state,
                                            const SnapshotLimits& limits) {
  const Result<SnapshotData> data =
      encode_snapshot_data(state.runs(), find_dead_end(module, state), limits);
  if (!data) return tl::unexpected(data.error());
  const bool had_data = module.find_section(SectionId::data) >= 0;
  const bool has_variables = std::ranges::any_of(module.globals, [](const Global& global) {
    return global.type.is_mutable && is_number(global.type);
  });
  ByteWriter out;
  out.reserve(module.bytes.size() + data->content.size());
  out.write_bytes(kWasmHeader);
  for (const Section& section : module.sections) {
    if (section.id == SectionId::memory && state.pages != module.memories.front().minimum) {
      write_memory(out, module, state);
    } else if (section.id == SectionId::global && has_variables) {
      write_globals(out, module, state);
    } else if (section.id == SectionId::data_count) {
      ByteWriter count;
      count.write_varuint(data->segments);
      append_section(out, section.id, count.bytes());
    } else if (section.id == SectionId::data) {
      append_section(out, section.id, data->content);
    } else if (section.is_custom() && section.name == "name") {
      write_names(out, section);
    } else {
      out.write_bytes(section.raw);
    }
    if (section.id == SectionId::code && !had_data && data->segments != 0)
      append_section(out, SectionId::data, data->content);
  }
  return out.take();
}

}  // namespace wasmpack
