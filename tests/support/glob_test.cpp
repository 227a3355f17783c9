// Expectations come from the rules in support/glob.h; MatchesLikeFnmatch has fnmatch(3) as oracle.
#include "support/glob.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

PatternList make_list(std::vector<std::string> patterns) {
  Result<PatternList> list = PatternList::create(patterns, "--option");
  EXPECT_TRUE(list) << (list ? "" : list.error().message);
  return list ? std::move(*list) : PatternList();
}

TEST(PatternList, MatchesTheWholeName) {
  const PatternList list = make_list({"malloc", "k_*", "a?c", "x[0-9]", "y[!0-9]", "star\\*"});
  for (const char* name : {"malloc", "k_", "k_add", "abc", "x7", "ya", "star*"})
    EXPECT_TRUE(list.matches(name)) << name;
  for (const char* name :
       {"mallo", "malloc2", "ak_", "ac", "abbc", "x77", "y7", "star", "starx", ""})
    EXPECT_FALSE(list.matches(name)) << name;
}

TEST(PatternList, BracesAndDotsAreOrdinaryCharacters) {
  const PatternList list = make_list({"{a,b}*", ".L*", "operator+"});
  EXPECT_TRUE(list.matches("{a,b}c"));
  EXPECT_FALSE(list.matches("ac"));
  EXPECT_TRUE(list.matches(".Lfoo"));
  EXPECT_TRUE(list.matches("operator+"));
}

TEST(PatternList, KnowsNamesFromPatterns) {
  const PatternList list = make_list({"free", "f*"});
  EXPECT_TRUE(list.names_exactly("free"));
  EXPECT_TRUE(list.matches("fopen"));
  EXPECT_FALSE(list.names_exactly("fopen"));
  EXPECT_FALSE(list.names_exactly("f*"));
}

TEST(PatternList, MatchesNothingWhenEmpty) {
  const PatternList list = make_list({});
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(list.matches(""));
  EXPECT_FALSE(list.matches("x"));
  EXPECT_TRUE(list.find_unmatched({}).empty());
}

TEST(PatternList, SurvivesMoves) {
  PatternList first = make_list({"s", "a long name that no small-string buffer holds", "g?ob*"});
  PatternList second = std::move(first);
  PatternList third;
  third = std::move(second);
  EXPECT_TRUE(third.matches("s"));
  EXPECT_TRUE(third.matches("a long name that no small-string buffer holds"));
  EXPECT_TRUE(third.matches("globe"));
}

TEST(PatternList, RefusesBadPatterns) {
  for (const char* pattern : {"", "a[", "a[]", "[z-a]", "a\\"}) {
    const std::vector<std::string> patterns = {"fine", pattern};
    const Result<PatternList> list = PatternList::create(patterns, "--keep-global-symbol");
    ASSERT_FALSE(list) << pattern;
    EXPECT_EQ(list.error().id, "bad-pattern");
    EXPECT_EQ(list.error().message.find("--keep-global-symbol: "), 0u) << list.error().message;
  }
}

TEST(PatternList, FindsWhatMatchesNothing) {
  const PatternList list = make_list({"gone", "a*", "z*", "b", "gone", "q?", "z*", "[b]"});
  const std::vector<std::string_view> names = {"abc", "b", "q"};
  EXPECT_EQ(list.find_unmatched(names), (std::vector<std::string>{"gone", "z*", "q?"}));
  EXPECT_EQ(list.find_unmatched({}),
            (std::vector<std::string>{"gone", "a*", "z*", "b", "q?", "[b]"}));
}

// Patterns and names over a tiny alphabet, so that many match.
TEST(PatternList, MatchesLikeFnmatch) {
  TestRandom random(7);
  const std::string_view pieces[] = {"a", "b", "*", "?", "[ab]", "[!a]", "\\*", "c"};
  const std::string_view letters = "abc*";
  int matches = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string pattern;
    for (uint64_t n = 1 + random.below(5); n > 0; --n) pattern += pieces[random.below(8)];
    const PatternList list = make_list({pattern});
    for (int j = 0; j < 4; ++j) {
      std::string name;
      for (uint64_t n = random.below(6); n > 0; --n) name += letters[random.below(4)];
      const bool expected = fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
      ASSERT_EQ(list.matches(name), expected) << pattern << " against " << name;
      matches += expected;
    }
  }
  EXPECT_GT(matches, 1000);
}

}  // namespace
}  // namespace wasmpack
