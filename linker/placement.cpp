#include "linker/placement.h"

#include "support/leb128.h"

namespace wasmpack {
namespace {

constexpr uint64_t kPageSize = 65536;

uint64_t align_to(uint64_t value, uint32_t alignment_log2) {
  const uint64_t mask = (uint64_t{1} << alignment_log2) - 1;
  return (value + mask) & ~mask;
}

// Flags, offset expression (none if passive), size field.
uint64_t data_header_size(const DataSegment& segment, uint64_t address, bool is64) {
  const bool is_passive = segment.init_flags & 1;
  // i32.const takes a signed integer, so the upper half of the memory is negative.
  const auto constant =
      is64 ? static_cast<int64_t>(address) : static_cast<int32_t>(static_cast<uint32_t>(address));
  return 1 + (is_passive ? 0 : 2 + sleb_size(constant)) + uleb_size(segment.content.size());
}

}  // namespace

void place_code(const std::vector<Input>& inputs, Layout& layout) {
  layout.code.resize(inputs.size());
  const size_t count = layout.function_types.size();
  layout.body_offsets.reserve(count);
  uint64_t at = uleb_size(count);
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::vector<uint32_t>& offsets = layout.inputs[i].code_offsets;
    offsets.assign(inputs[i].object.code.size(), 0);
    layout.code[i].offset = at;
    for (size_t f = 0; f < offsets.size(); ++f) {
      if (layout.inputs[i].functions[f] == kNotInOutput) continue;
      const FunctionBody& body = inputs[i].object.code[f];
      // Size fields are copied as they are, padded or not.
      offsets[f] = static_cast<uint32_t>(at + (body.offset - body.entry_offset));
      layout.body_offsets.push_back(offsets[f]);
      at += (body.offset - body.entry_offset) + body.size;
    }
    layout.code[i].size = at - layout.code[i].offset;
  }
  layout.code_size = count == 0 ? 0 : at;
}

void place_data(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                Layout& layout) {
  layout.data.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    for (const Chunk& chunk : chunks[i].data) layout.segment_count += chunk.is_kept();
  uint64_t at = uleb_size(layout.segment_count);
  uint32_t number = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    InputLayout& input = layout.inputs[i];
    const size_t count = inputs[i].object.data.size();
    input.data.assign(count, kNotInOutput);
    input.addresses.assign(count, 0);
    input.data_offsets.assign(count, 0);
    layout.data[i].offset = at;
    for (size_t d = 0; d < count; ++d) {
      if (!chunks[i].data[d].is_kept()) continue;
      const DataSegment& segment = inputs[i].object.data[d];
      input.data[d] = number++;
      layout.memory_size = align_to(layout.memory_size, segment.alignment_log2);
      input.addresses[d] = layout.memory_size;
      layout.memory_size += segment.content.size();
      at += data_header_size(segment, input.addresses[d], layout.is64);
      input.data_offsets[d] = static_cast<uint32_t>(at);
      at += segment.content.size();
    }
    layout.data[i].size = at - layout.data[i].offset;
  }
  layout.data_size = layout.segment_count == 0 ? 0 : at;
  Limits& memory = layout.imports.front().memory;
  memory.minimum = (layout.memory_size + kPageSize - 1) / kPageSize;
  memory.is64 = layout.is64;
}

}  // namespace wasmpack
