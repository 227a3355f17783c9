// Pairs what has the same name on both sides of a comparison.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace wasmpack {

struct MatchKey {
  std::string_view module;  // of an import, else empty
  std::string_view name;
  bool operator==(const MatchKey&) const = default;
};

// Positions in the two lists; one of them may be missing.
struct Match {
  std::optional<uint32_t> old_item;
  std::optional<uint32_t> new_item;
};

// In the order of the old list, then what only the new one has in its order. Where a key stands
// several times its first occurrences are paired, then the second ones, and so on. Linear.
std::vector<Match> match_items(std::span<const MatchKey> old_keys,
                               std::span<const MatchKey> new_keys);

// The same for any lists, by a function that gives an item's key.
template <class Items, class GetKey>
std::vector<Match> match_by(const Items& old_items, const Items& new_items, GetKey get_key) {
  std::vector<MatchKey> old_keys;
  std::vector<MatchKey> new_keys;
  for (const auto& item : old_items) old_keys.push_back(get_key(item));
  for (const auto& item : new_items) new_keys.push_back(get_key(item));
  return match_items(old_keys, new_keys);
}

}  // namespace wasmpack
