#include "inspect/compare/match.h"

#include <functional>
#include <unordered_map>

namespace wasmpack {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

struct KeyHash {
  size_t operator()(const MatchKey& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.module) * 31 + hash(key.name);
  }
};

struct Occurrences {
  uint32_t next = kNone;  // the first that is not paired yet
  uint32_t last = kNone;
};

}  // namespace

std::vector<Match> match_items(std::span<const MatchKey> old_keys,
                               std::span<const MatchKey> new_keys) {
  std::unordered_map<MatchKey, Occurrences, KeyHash> by_key;
  by_key.reserve(new_keys.size());
  std::vector<uint32_t> following(new_keys.size(), kNone);  // the next one with the same key
  for (uint32_t i = 0; i < new_keys.size(); ++i) {
    Occurrences& found = by_key[new_keys[i]];
    if (found.last == kNone)
      found.next = i;
    else
      following[found.last] = i;
    found.last = i;
  }
  std::vector<Match> matches;
  matches.reserve(old_keys.size());
  std::vector<bool> is_paired(new_keys.size());
  for (uint32_t i = 0; i < old_keys.size(); ++i) {
    const auto found = by_key.find(old_keys[i]);
    if (found == by_key.end() || found->second.next == kNone) {
      matches.push_back({i, std::nullopt});
      continue;
    }
    const uint32_t partner = found->second.next;
    found->second.next = following[partner];
    is_paired[partner] = true;
    matches.push_back({i, partner});
  }
  for (uint32_t i = 0; i < new_keys.size(); ++i)
    if (!is_paired[i]) matches.push_back({std::nullopt, i});
  return matches;
}

}  // namespace wasmpack
