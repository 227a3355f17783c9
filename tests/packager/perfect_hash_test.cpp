#include "packager/perfect_hash.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "runtime/hash.h"

namespace wasmpack {
namespace {

// The lookup as runtime/registry.c does it, up to the comparison of the name.
uint32_t look_up(const PerfectHash& hash, std::string_view name) {
  const uint64_t value =
      wasmpack_hash_name(name.data(), static_cast<uint32_t>(name.size()), hash.seed);
  const uint32_t bucket = wasmpack_bucket(value, static_cast<uint32_t>(hash.displacements.size()));
  return hash.slots.at(wasmpack_slot(value, hash.displacements.at(bucket),
                                     static_cast<uint32_t>(hash.slots.size())));
}

void expect_all_found(const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::optional<PerfectHash> hash = make_perfect_hash(views);
  ASSERT_TRUE(hash.has_value());
  for (uint32_t i = 0; i < names.size(); ++i) EXPECT_EQ(look_up(*hash, names[i]), i) << names[i];
  std::multiset<uint32_t> used;
  for (const uint32_t slot : hash->slots) {
    if (slot != UINT32_MAX) used.insert(slot);
  }
  EXPECT_EQ(used.size(), names.size());
  EXPECT_LE(4 * (hash->slots.size() + hash->displacements.size()), 6 * names.size() + 16);
}

TEST(PerfectHash, FindsEveryNameInOneProbe) {
  for (const size_t count : {1u, 2u, 3u, 4u, 5u, 17u, 100u, 4096u}) {
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i) names.push_back("kernel_" + std::to_string(i));
    expect_all_found(names);
  }
}

TEST(PerfectHash, NamesThatDifferInLittle) {
  std::vector<std::string> names = {std::string("\0", 1), std::string("\0\0", 2)};
  for (int i = 1; i < 256; ++i) names.push_back(std::string(1, static_cast<char>(i)));
  for (int i = 1; i < 300; ++i) names.push_back(std::string(static_cast<size_t>(i), 'a') + "b");
  expect_all_found(names);
}

TEST(PerfectHash, NoNames) {
  const std::optional<PerfectHash> hash = make_perfect_hash({});
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(hash->displacements.empty());
}

TEST(PerfectHash, EqualNamesAreRefused) {
  const std::string_view names[] = {"a", "b", "a"};
  EXPECT_FALSE(make_perfect_hash(names).has_value());
}

// The number of slots that were looked at, since time is not what a test can rely on.
TEST(PerfectHash, StepsAreLinear) {
  for (const size_t count : {100u, 2500u, 10000u, 100000u}) {
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i) names.push_back("k" + std::to_string(i * 7919));
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::optional<PerfectHash> hash = make_perfect_hash(views);
    ASSERT_TRUE(hash.has_value());
    EXPECT_GE(hash->steps, count);
    EXPECT_LE(hash->steps, 8 * count) << count;
  }
}

}  // namespace
}  // namespace wasmpack
