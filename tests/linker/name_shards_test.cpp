// Grouping names by equal text.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linker/name_shards.h"

namespace wasmpack {
namespace {

TEST(NameMap, NumbersAreDenseAndStable) {
  NameMap map(0);
  bool inserted = false;
  EXPECT_EQ(map.insert("a", hash_name("a"), inserted), 0u);
  EXPECT_TRUE(inserted);
  EXPECT_EQ(map.insert("b", hash_name("b"), inserted), 1u);
  EXPECT_TRUE(inserted);
  EXPECT_EQ(map.insert("a", hash_name("a"), inserted), 0u);
  EXPECT_FALSE(inserted);
  EXPECT_EQ(map.insert("", hash_name(""), inserted), 2u);
  EXPECT_TRUE(inserted);
}

TEST(NameMap, GrowsFarBeyondWhatWasExpected) {
  std::vector<std::string> names;
  for (int i = 0; i < 5000; ++i) names.push_back("symbol_" + std::to_string(i));
  NameMap map(1);
  bool inserted = false;
  for (uint32_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(map.insert(names[i], hash_name(names[i]), inserted), i);
  for (uint32_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(map.insert(names[i], hash_name(names[i]), inserted), i);
    EXPECT_FALSE(inserted);
  }
}

TEST(NameMap, EqualHashesOfDifferentNamesAreTwoNames) {
  NameMap map(4);
  bool inserted = false;
  for (int i = 0; i < 100; ++i) {
    const std::string name = std::to_string(i);
    static std::vector<std::string> storage;
    storage.reserve(100);
    storage.push_back(name);
    EXPECT_EQ(map.insert(storage.back(), 42, inserted), static_cast<uint32_t>(i));
    EXPECT_TRUE(inserted);
  }
  EXPECT_EQ(map.insert("57", 42, inserted), 57u);
  EXPECT_FALSE(inserted);
}

TEST(NameMap, EqualNamesAreOneWhereverTheyLie) {
  const std::string first = "the same", second = "the same";
  ASSERT_NE(first.data(), second.data());
  NameMap map(2);
  bool inserted = false;
  map.insert(first, hash_name(first), inserted);
  map.insert(second, hash_name(second), inserted);
  EXPECT_FALSE(inserted);
}

TEST(BinnedNames, EveryNameIsInTheShardOfItsHashInOrder) {
  BinnedNames binned;
  for (uint32_t i = 0; i < 1000; ++i) binned.add("n" + std::to_string(i % 500), i);
  std::set<uint32_t> seen;
  size_t used = 0;
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    uint32_t last = 0;
    for (const NameOccurrence& occurrence : binned.shards[shard]) {
      EXPECT_EQ(shard_of(occurrence.hash), shard);
      EXPECT_EQ(occurrence.hash, hash_name("n" + std::to_string(occurrence.item % 500)));
      EXPECT_GE(occurrence.item, last);
      last = occurrence.item;
      seen.insert(occurrence.item);
    }
    used += !binned.shards[shard].empty();
  }
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(used, kShards);  // 500 names that all miss one of 16 shards would be a bad hash
}

}  // namespace
}  // namespace wasmpack
