// The state of every chunk of an input: the one place that says whether it is part of the output.
#pragma once

#include <cstdint>
#include <vector>

#include "linker/input.h"

namespace wasmpack {

enum class ChunkState : uint8_t {
  kept,
  comdat_discarded,  // another input's copy of its group was taken
  superseded,        // all its symbols lost to definitions of other inputs
  unreachable,       // --gc
  stripped,          // a custom section that is not copied
};

inline constexpr uint32_t kNoComdat = UINT32_MAX;

struct Chunk {
  ChunkState state = ChunkState::kept;
  uint32_t comdat = kNoComdat;  // index into Object::comdats
  bool is_kept() const { return state == ChunkState::kept; }
};

// The chunks of one input. Each vector is indexed like the vector of Object of the same name (so
// functions, globals, ... without the imported ones).
struct ChunkTable {
  std::vector<Chunk> functions;
  std::vector<Chunk> data;
  std::vector<Chunk> globals;
  std::vector<Chunk> tags;
  std::vector<Chunk> tables;
  std::vector<Chunk> sections;

  explicit ChunkTable(const Object& object);

  // The chunk behind a defined symbol, null for an undefined or absolute one.
  Chunk* find(const Object& object, const Symbol& symbol);
  const Chunk* find(const Object& object, const Symbol& symbol) const {
    return const_cast<ChunkTable*>(this)->find(object, symbol);
  }
  // The chunk behind a comdat entry.
  Chunk& at(const Object& object, const ComdatEntry& entry);
};

}  // namespace wasmpack
