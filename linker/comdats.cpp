#include "linker/comdats.h"

#include "linker/name_shards.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

// Notes the group of every chunk; false if one is in two groups.
bool assign_groups(const Object& object, ChunkTable& chunks) {
  for (uint32_t g = 0; g < object.comdats.size(); ++g) {
    for (const ComdatEntry& entry : object.comdats[g].entries) {
      Chunk& chunk = chunks.at(object, entry);
      if (chunk.comdat != kNoComdat && chunk.comdat != g) return false;
      chunk.comdat = g;
    }
  }
  return true;
}

}  // namespace

std::vector<ChunkTable> resolve_comdats(const std::vector<Input>& inputs, DiagnosticSink& sink) {
  std::vector<ChunkTable> chunks;
  chunks.reserve(inputs.size());
  size_t groups = 0;
  for (const Input& input : inputs) {
    chunks.emplace_back(input.object);
    groups += input.object.comdats.size();
  }

  std::vector<BinnedNames> names(inputs.size());
  parallel_for(inputs.size(), groups * 64, [&](size_t i) {
    const Object& object = inputs[i].object;
    for (uint32_t g = 0; g < object.comdats.size(); ++g) names[i].add(object.comdats[g].name, g);
    if (!assign_groups(object, chunks[i]))
      sink.report(fail("invalid-comdat", inputs[i].locate("linking"),
                       "a function, segment or section belongs to two comdat groups")
                      .value());
  });

  if (sink.has_errors()) return chunks;
  const std::vector<uint32_t> turns = list_turns(inputs);
  parallel_for(kShards, groups * 64, [&](size_t shard) {
    NameMap seen(groups / kShards);
    for (const uint32_t i : turns) {
      const Object& object = inputs[i].object;
      for (const NameOccurrence& occurrence : names[i].shards[shard]) {
        const Comdat& comdat = object.comdats[occurrence.item];
        bool is_first = false;
        seen.insert(comdat.name, occurrence.hash, is_first);
        if (is_first) continue;
        for (const ComdatEntry& entry : comdat.entries)
          chunks[i].at(object, entry).state = ChunkState::comdat_discarded;
      }
    }
  });
  return chunks;
}

}  // namespace wasmpack
