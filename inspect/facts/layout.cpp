#include "inspect/facts/layout.h"

#include <algorithm>

#include "object/value_types.h"

namespace wasmpack {
namespace {

constexpr unsigned kPageLog2 = 16;

// Nothing if it is more than an address can be.
std::optional<uint64_t> bytes_of_pages(uint64_t pages, const Limits& limits) {
  const uint32_t shift = limits.page_size_log2.value_or(kPageLog2);
  if (shift > 63 || pages > UINT64_MAX >> shift) return std::nullopt;
  return pages << shift;
}

const Limits* first_memory(const Object& object) {
  const std::vector<uint32_t>& imported = object.imported[static_cast<size_t>(ExternKind::memory)];
  if (!imported.empty()) return &object.imports[imported.front()].memory;
  return object.memories.empty() ? nullptr : &object.memories.front();
}

// The value of the global of that name, or nothing.
std::optional<uint64_t> value_of(const Object& object, const Facts& facts, std::string_view name) {
  for (const SpaceFact& space : facts.spaces) {
    if (space.kind == ExternKind::global && space.name == name && space.value && *space.value >= 0)
      return static_cast<uint64_t>(*space.value);
  }
  // Under another name inside.
  for (const Export& entry : object.exports) {
    if (entry.kind != ExternKind::global || entry.name != name) continue;
    for (const SpaceFact& space : facts.spaces) {
      if (space.kind == ExternKind::global && space.index == entry.index && space.value &&
          *space.value >= 0)
        return static_cast<uint64_t>(*space.value);
    }
    break;  // a valid module has one export of a name
  }
  return std::nullopt;
}

void find_data(const Object& object, LayoutFacts& layout, bool& is_known) {
  for (const DataSegment& segment : object.data) {
    if (segment.init_flags == 1 || segment.memory != 0) continue;
    const std::optional<int64_t> address = constant_of_expression(segment.offset_init);
    if (!address) {
      is_known = false;
      continue;
    }
    // 32-bit addresses are unsigned, but written as signed constants.
    const uint64_t begin =
        object.is64() ? static_cast<uint64_t>(*address) : static_cast<uint32_t>(*address);
    const uint64_t end = begin + segment.content.size();
    if (end < begin) continue;
    layout.data_begin = std::min(layout.data_begin.value_or(begin), begin);
    layout.data_end = std::max(layout.data_end.value_or(end), end);
  }
}

void find_table(const Object& object, const Facts& facts, LayoutFacts& layout) {
  const std::vector<uint32_t>& imported = object.imported[static_cast<size_t>(ExternKind::table)];
  const size_t count = imported.size() + object.tables.size();
  const auto limits_of = [&](uint32_t index) -> const Limits& {
    return index < imported.size() ? object.imports[imported[index]].table.limits
                                   : object.tables[index - imported.size()].type.limits;
  };
  std::optional<uint32_t> table;
  if (count == 1) table = 0;
  for (const SpaceFact& space : facts.spaces) {
    if (space.kind == ExternKind::table && space.name == "__indirect_function_table")
      table = space.index;
  }
  if (table) layout.table_minimum = limits_of(*table).minimum;
  for (const ElementSegment& segment : object.elements) {
    const bool is_declarative = (segment.flags & 3) == 3;
    if (is_declarative) continue;
    layout.table_entries += static_cast<uint32_t>(
        std::ranges::count_if(segment.functions, [](uint32_t f) { return f != kNullFunction; }));
  }
}

}  // namespace

void gather_layout(const Object& object, Facts& facts) {
  if (object.has_linking) return;
  LayoutFacts& layout = facts.layout;
  if (const Limits* memory = first_memory(object); memory != nullptr) {
    layout.memory_minimum = bytes_of_pages(memory->minimum, *memory);
    if (memory->maximum) layout.memory_maximum = bytes_of_pages(*memory->maximum, *memory);
  }
  bool is_data_known = true;
  find_data(object, layout, is_data_known);
  find_table(object, facts, layout);
  layout.heap_base = value_of(object, facts, "__heap_base");
  layout.stack_pointer = value_of(object, facts, "__stack_pointer");
  // Passive segments go where a function puts them.
  const bool has_passive =
      std::ranges::any_of(object.data, [](const DataSegment& s) { return s.init_flags == 1; });
  if (!layout.stack_pointer || !is_data_known || has_passive) return;
  const uint64_t top = *layout.stack_pointer;
  if (layout.data_begin.value_or(top) >= top) {
    layout.stack_size = top;
    return;
  }
  // The last segment's end is no answer: zeros behind it (.bss) are in no segment.
  const std::optional<uint64_t> end = value_of(object, facts, "__data_end");
  if (end && *end <= top) layout.stack_size = top - *end;
}

}  // namespace wasmpack
