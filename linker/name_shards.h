// Groups names of all inputs by equal text, in parallel and without locks.
//
// Every input bins its names by hash; then each shard of the hash space is worked on by one thread,
// which sees its names in the order of the inputs. So the result does not depend on the threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <llvm/Support/xxhash.h>

namespace wasmpack {

inline constexpr uint32_t kShards = 16;

inline uint64_t hash_name(std::string_view name) {
  return llvm::xxh3_64bits(llvm::StringRef(name.data(), name.size()));
}
inline uint32_t shard_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 60); }
static_assert(kShards == 16, "shard_of takes four bits of the hash");

// One occurrence of a name: item `item` of input number `input`.
struct NameOccurrence {
  uint64_t hash;
  uint32_t item;
};

// The names of one input, binned by shard.
struct BinnedNames {
  std::vector<NameOccurrence> shards[kShards];
  void add(std::string_view name, uint32_t item) {
    const uint64_t hash = hash_name(name);
    shards[shard_of(hash)].push_back({hash, item});
  }
};

// A map from name to a dense number, for one shard. Open addressing, grows by doubling.
class NameMap {
 public:
  explicit NameMap(size_t expected) {
    size_t capacity = 16;
    while (capacity < expected * 2) capacity *= 2;
    slots_.resize(capacity);
  }

  // The number of `name`; a new name gets the next one and `inserted` becomes true.
  uint32_t insert(std::string_view name, uint64_t hash, bool& inserted) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = find_slot(name, hash);
    inserted = slot.number == kEmpty;
    if (inserted) slot = {hash, name, size_++};
    return slot.number;
  }

 private:
  static constexpr uint32_t kEmpty = UINT32_MAX;
  struct Slot {
    uint64_t hash = 0;
    std::string_view name;
    uint32_t number = kEmpty;
  };

  Slot& find_slot(std::string_view name, uint64_t hash) {
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].number != kEmpty && (slots_[at].hash != hash || slots_[at].name != name))
      at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.number != kEmpty) find_slot(slot.name, slot.hash) = slot;
  }

  std::vector<Slot> slots_;
  uint32_t size_ = 0;
};

}  // namespace wasmpack
