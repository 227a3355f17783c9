// Which members are taken, and in which order they are read and placed. The expected orders are
// those of wasm-ld 22 (SymbolTable::addFile parses a file, and so reads what it pulls, before it
// lists it); lazy_test.py compares with wasm-ld itself.
#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linker/lazy_archives.h"
#include "object/read.h"
#include "tests/lib/object_builder.h"

namespace wasmpack {
namespace {

// An input that defines `defines` and refers to `needs`, then weakly to `wants`, in that order.
struct Member {
  std::string name;
  std::vector<std::string> defines, needs, wants = {};
  uint32_t archive = kNotLazy;
};

class Chooser {
 public:
  // The names of the chosen, in output order.
  std::vector<std::string> choose(const std::vector<Member>& members,
                                  const std::vector<std::string>& wanted = {}) {
    std::vector<LazyCandidate> candidates;
    for (const Member& member : members) {
      ObjectBuilder object;
      for (const std::string& name : member.defines) object.define_function(name);
      for (const std::string& name : member.needs) object.import_function(name);
      for (const std::string& name : member.wants) object.import_function(name, kSymbolWeak);
      bytes_.push_back(object.bytes());
      names_.push_back(member.name);
      Result<Object> read = read_object(bytes_.back(), names_.back());
      EXPECT_TRUE(read);
      inputs_.emplace_back().object = std::move(*read);
      candidates.push_back({&inputs_.back(), member.archive});
    }
    std::vector<std::string> chosen;
    turns.clear();
    for (const Input* input : choose_inputs(candidates, wanted)) {
      chosen.emplace_back(input->object.file);
      turns.push_back(input->turn);
    }
    return chosen;
  }
  std::vector<uint32_t> turns;  // of the chosen ones: when each was read

 private:
  std::deque<std::vector<uint8_t>> bytes_;
  std::deque<std::string> names_;
  std::deque<Input> inputs_;
};

using Names = std::vector<std::string>;
using Turns = std::vector<uint32_t>;

TEST(LazyArchives, WantedNamesPullAsAReferenceOfAFirstInputWould) {
  const std::vector<Member> members = {
      {.name = "a", .defines = {"a"}, .needs = {"c"}, .archive = 0},
      {.name = "b", .defines = {"b"}, .needs = {}, .archive = 0},
      {.name = "c", .defines = {"c"}, .needs = {}, .archive = 0}};
  EXPECT_EQ(Chooser().choose(members, {"a", "nowhere"}), (Names{"a", "c"}));
  EXPECT_EQ(Chooser().choose(members, {"b"}), Names{"b"});
  EXPECT_EQ(Chooser().choose(members), Names{});
}

TEST(LazyArchives, WithoutThemAllInputsStayInOrder) {
  Chooser chooser;
  EXPECT_EQ(chooser.choose({{"a", {"x"}, {"y"}}, {"b", {"y"}, {}}, {"c", {"z"}, {}}}),
            (Names{"a", "b", "c"}));
  EXPECT_EQ(chooser.turns, (Turns{0, 1, 2}));
}

TEST(LazyArchives, TakesWhatAStrongReferenceNames) {
  Chooser chooser;
  EXPECT_EQ(chooser.choose(
                {{"main", {}, {"x"}}, {"m1", {"unused"}, {}, {}, 0}, {"m2", {"x"}, {}, {}, 0}}),
            (Names{"main", "m2"}));
  EXPECT_EQ(chooser.choose({{"main", {}, {}, {"x"}}, {"m", {"x"}, {}, {}, 0}}), (Names{"main"}));
  EXPECT_EQ(chooser.choose({{"m", {"x"}, {}, {}, 0}, {"main", {}, {}, {"x"}}}), (Names{"main"}));
}

TEST(LazyArchives, AMemberIsReadBeforeWhatItPullsAndStandsBehindIt) {
  Chooser chooser;
  const Member a = {"ma", {"a"}, {"b"}, {}, 0}, b = {"mb", {"b"}, {"c"}, {}, 0},
               c = {"mc", {"c"}, {}, {}, 0};
  const Member main = {"main", {}, {"a"}};
  // main is complete when the last member, which it waits for, is offered.
  EXPECT_EQ(chooser.choose({main, c, b, a}), (Names{"main", "mc", "mb", "ma"}));
  EXPECT_EQ(chooser.turns, (Turns{0, 3, 2, 1}));
  // Offered in the order in which they are needed, each is complete before the next is known.
  EXPECT_EQ(chooser.choose({main, a, b, c}), (Names{"main", "ma", "mb", "mc"}));
  EXPECT_EQ(chooser.turns, (Turns{0, 1, 2, 3}));
  // An archive in front of main is known wholly when main pulls.
  EXPECT_EQ(chooser.choose({a, b, c, main}), (Names{"mc", "mb", "ma", "main"}));
  EXPECT_EQ(chooser.turns, (Turns{3, 2, 1, 0}));
}

TEST(LazyArchives, ReferencesPullInTheOrderOfTheSymbolTable) {
  Chooser chooser;
  EXPECT_EQ(
      chooser.choose(
          {{"m1", {"one"}, {}, {}, 0}, {"m2", {"two"}, {}, {}, 0}, {"main", {}, {"two", "one"}}}),
      (Names{"m2", "m1", "main"}));
}

TEST(LazyArchives, TheFirstArchiveThatDefinesANameWins) {
  Chooser chooser;
  EXPECT_EQ(chooser.choose({{"a", {"x"}, {}, {}, 0}, {"b", {"x"}, {}, {}, 1}, {"main", {}, {"x"}}}),
            (Names{"a", "main"}));
  EXPECT_EQ(chooser.choose({{"main", {}, {"x"}}, {"a", {"x"}, {}, {}, 0}, {"b", {"x"}, {}, {}, 1}}),
            (Names{"main", "a"}));
}

TEST(LazyArchives, CyclesEnd) {
  Chooser chooser;
  EXPECT_EQ(
      chooser.choose({{"a", {"x"}, {"y"}, {}, 0}, {"b", {"y"}, {"x"}, {}, 1}, {"main", {}, {"x"}}}),
      (Names{"b", "a", "main"}));
  EXPECT_EQ(chooser.choose({{"self", {"x"}, {"x"}, {}, 0}, {"main", {}, {"x"}}}),
            (Names{"self", "main"}));
}

TEST(LazyArchives, ADefinitionKeepsTheArchivesOut) {
  Chooser chooser;
  EXPECT_EQ(chooser.choose({{"own", {"x"}, {}}, {"main", {}, {"x"}}, {"m", {"x"}, {}, {}, 0}}),
            (Names{"own", "main"}));
  // Too late: the reference was there first, and so was the archive.
  EXPECT_EQ(chooser.choose({{"m", {"x"}, {}, {}, 0}, {"main", {}, {"x"}}, {"own", {"x"}, {}}}),
            (Names{"m", "main", "own"}));
}

TEST(LazyArchives, ALongChainNeedsNoDeepStack) {
  std::vector<Member> members;
  constexpr int kLength = 20000;
  for (int i = 0; i < kLength; ++i)
    members.push_back(
        {"m" + std::to_string(i), {"f" + std::to_string(i)}, {"f" + std::to_string(i + 1)}, {}, 0});
  members.push_back({"main", {}, {"f0"}});
  Chooser chooser;
  const Names chosen = chooser.choose(members);
  ASSERT_EQ(chosen.size(), members.size());
  EXPECT_EQ(chosen.front(), "m" + std::to_string(kLength - 1));
  EXPECT_EQ(chosen[kLength - 1], "m0");
  EXPECT_EQ(chosen.back(), "main");
}

}  // namespace
}  // namespace wasmpack
