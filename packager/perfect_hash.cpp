#include "packager/perfect_hash.h"

#include <algorithm>
#include <numeric>

#include "runtime/hash.h"

namespace wasmpack {
namespace {

constexpr uint32_t kNamesPerBucket = 4;
constexpr uint32_t kSeeds = 64;
// A bucket that fits nowhere within so many tries is a case for another seed.
constexpr uint32_t kDisplacements = 1 << 16;

std::optional<PerfectHash> try_seed(std::span<const std::string_view> names, uint32_t seed,
                                    uint64_t& steps) {
  const auto count = static_cast<uint32_t>(names.size());
  PerfectHash hash;
  hash.seed = seed;
  hash.displacements.assign(count / kNamesPerBucket + 1, 0);
  hash.slots.assign(count + count / 4 + 1, UINT32_MAX);
  const auto bucket_count = static_cast<uint32_t>(hash.displacements.size());
  const auto slot_count = static_cast<uint32_t>(hash.slots.size());

  std::vector<uint64_t> hashes;
  std::vector<std::vector<uint32_t>> buckets(bucket_count);
  for (uint32_t i = 0; i < count; ++i) {
    hashes.push_back(
        wasmpack_hash_name(names[i].data(), static_cast<uint32_t>(names[i].size()), seed));
    buckets[wasmpack_bucket(hashes[i], bucket_count)].push_back(i);
  }
  // Full buckets first, while there is room.
  std::vector<uint32_t> order(bucket_count);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(
      order, [&](uint32_t a, uint32_t b) { return buckets[a].size() > buckets[b].size(); });
  std::vector<uint32_t> taken;
  for (const uint32_t bucket : order) {
    uint32_t displacement = 0;
    for (;; ++displacement) {
      if (displacement == kDisplacements) return std::nullopt;
      taken.clear();
      for (const uint32_t name : buckets[bucket]) {
        const uint32_t slot = wasmpack_slot(hashes[name], displacement, slot_count);
        ++steps;
        if (hash.slots[slot] != UINT32_MAX) break;
        hash.slots[slot] = name;
        taken.push_back(slot);
      }
      if (taken.size() == buckets[bucket].size()) break;
      for (const uint32_t slot : taken) hash.slots[slot] = UINT32_MAX;
    }
    hash.displacements[bucket] = displacement;
  }
  return hash;
}

}  // namespace

std::optional<PerfectHash> make_perfect_hash(std::span<const std::string_view> names) {
  if (names.empty()) return PerfectHash();
  uint64_t steps = 0;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    if (std::optional<PerfectHash> hash = try_seed(names, seed, steps)) {
      hash->steps = steps;
      return hash;
    }
  }
  return std::nullopt;
}

}  // namespace wasmpack
