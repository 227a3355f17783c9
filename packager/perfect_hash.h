// The tables of the name lookup: every name has a slot of its own, found with one hash and one
// table read. The arithmetic is in runtime/hash.h, since the bundle does the looking up.
//
// Method: hash and displace (Belazzougui, Botelho, Dietzfelbinger 2009, without the compression).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace wasmpack {

struct PerfectHash {
  uint32_t seed = 0;
  std::vector<uint32_t> displacements;  // by bucket
  std::vector<uint32_t> slots;          // index of the name in that slot, or UINT32_MAX
  uint64_t steps = 0;  // slots that were looked at to make it, other seeds' included
};

// Tables for `names`, which must differ from each other. The steps are linear in their number, the
// size about 6 bytes a name. Nothing only if no seed of many works, which equal names cause.
std::optional<PerfectHash> make_perfect_hash(std::span<const std::string_view> names);

}  // namespace wasmpack
