#include "linker/live_uses.h"

#include <algorithm>

#include "linker/relocate.h"
#include "object/verify.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

constexpr uint8_t kWanted = kUsedInTable | kUsedByGot;

// Whether anything with relocations was left out.
bool has_dropped_chunk(const Input& input, const ChunkTable& chunks) {
  const auto is_dropped = [](const Chunk& chunk) { return !chunk.is_kept(); };
  if (std::ranges::any_of(chunks.functions, is_dropped)) return true;
  if (std::ranges::any_of(chunks.data, is_dropped)) return true;
  return std::ranges::any_of(input.object.relocations, [&](const RelocationSection& relocations) {
    return !chunks.sections[relocations.target].is_kept();
  });
}

// Adds what the relocations of one section want.
void add_uses(const Input& input, const ChunkTable& chunks, uint32_t section,
              std::vector<uint8_t>& uses) {
  if (!chunks.sections[section].is_kept()) return;
  for_each_kept_relocation(input, chunks, section, [&](const Relocation& relocation, uint32_t) {
    const RelocationTarget target = find_relocation_info(relocation.kind)->target;
    if (relocation.index >= uses.size()) return;
    if (target == RelocationTarget::table_index) uses[relocation.index] |= kUsedInTable;
    if (target == RelocationTarget::global_index &&
        input.object.symbols[relocation.index].kind != SymbolKind::global)
      uses[relocation.index] |= kUsedByGot;
  });
}

std::vector<uint8_t> find_uses(const Input& input, const ChunkTable& chunks) {
  std::vector<uint8_t> uses(input.uses.size(), 0);
  const std::vector<Section>& sections = input.object.sections;
  for (uint32_t s = 0; s < sections.size(); ++s)
    if (!sections[s].is_custom()) add_uses(input, chunks, s, uses);
  // Debug info is most of all relocations and hardly ever wants a slot.
  const bool has_custom_use =
      std::ranges::any_of(input.uses, [](uint8_t bits) { return (bits & kUsedByCustom) != 0; });
  for (uint32_t s = 0; s < sections.size() && has_custom_use; ++s)
    if (sections[s].is_custom()) add_uses(input, chunks, s, uses);
  return uses;
}

}  // namespace

std::vector<std::vector<uint8_t>> find_live_uses(const std::vector<Input>& inputs,
                                                 const std::vector<ChunkTable>& chunks) {
  std::vector<std::vector<uint8_t>> uses(inputs.size());
  size_t weight = 0;
  for (const Input& input : inputs) weight += input.object.bytes.size() / 16;
  parallel_for(inputs.size(), weight, [&](size_t i) {
    const bool is_wanted =
        std::ranges::any_of(inputs[i].uses, [](uint8_t bits) { return (bits & kWanted) != 0; });
    if (is_wanted && has_dropped_chunk(inputs[i], chunks[i])) {
      uses[i] = find_uses(inputs[i], chunks[i]);
    } else {
      uses[i] = inputs[i].uses;
      for (uint8_t& bits : uses[i]) bits &= kWanted;
    }
  });
  return uses;
}

}  // namespace wasmpack
