#include "support/suggest.h"

#include <vector>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

using Names = std::vector<std::string_view>;

TEST(SuggestName, FindsTheNearest) {
  const Names options = {"--localize-symbol", "--localize-hidden", "--globalize-symbol", "--gc"};
  EXPECT_EQ(suggest_name("--localise-symbol", options), "--localize-symbol");
  EXPECT_EQ(suggest_name("--localize-hiden", options), "--localize-hidden");
  EXPECT_EQ(suggest_name("--gd", options), "--gc");
}

TEST(SuggestName, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(suggest_name("malloc", Names{"printf", "free", "memory"}), std::nullopt);
  EXPECT_EQ(suggest_name("a", Names{"b", "c"}), std::nullopt);
  EXPECT_EQ(suggest_name("", Names{"a", ""}), std::nullopt);
  EXPECT_EQ(suggest_name("x", Names{}), std::nullopt);
  // The name itself is no suggestion.
  EXPECT_EQ(suggest_name("kernel", Names{"kernel"}), std::nullopt);
}

TEST(SuggestName, TheFirstOfEqualsWins) {
  EXPECT_EQ(suggest_name("kernel", Names{"kernex", "kerney"}), "kernex");
  EXPECT_EQ(suggest_name("kernel", Names{"kernxx", "kernex"}), "kernex");  // nearer is better
}

TEST(SuggestName, EndsOnHugeLists) {
  // 400,000 names of 60 characters, all two edits away: a table for each would be 1.4 G cells.
  std::vector<std::string> storage;
  const std::string wanted(60, 'k');
  for (int i = 0; i < 400'000; ++i) {
    std::string name = wanted;
    name[static_cast<size_t>(i % 30)] = 'a';
    name[static_cast<size_t>(30 + i % 30)] = 'b';
    storage.push_back(name);
  }
  const Names names(storage.begin(), storage.end());
  EXPECT_EQ(suggest_name(wanted, names), storage[0]);
  // Two names of a megabyte each.
  const std::string huge(1'000'000, 'x');
  const std::string other = huge + "y";
  suggest_name(huge, Names{other});
}

TEST(SuggestOtherLinkage, FindsTheMissingExternC) {
  EXPECT_EQ(suggest_other_linkage("add", Names{"_Z4add1v", "_Z3addii"}), "_Z3addii");
  EXPECT_EQ(suggest_other_linkage("_Z3addii", Names{"ad", "add"}), "add");
}

TEST(SuggestOtherLinkage, KnowsWhatIsNoPlainFunction) {
  for (const std::string_view name : {"_ZN1a3addEv", "_Z", "_Z3", "_Z3add", "_Z99add", "_Zpl",
                                      "add", "_Z99999999999999999999999999add"})
    EXPECT_EQ(suggest_other_linkage("add", Names{name}), std::nullopt) << name;
  EXPECT_EQ(suggest_other_linkage("", Names{"_Z0v", "_Zpl", ""}), std::nullopt);
}

TEST(SuggestSentence, SaysWhichItIs) {
  EXPECT_EQ(suggest_sentence("add", Names{"adds", "_Z3addii"}),
            "did you mean '_Z3addii'? One of the two was declared without `extern \"C\"`");
  EXPECT_EQ(suggest_sentence("kernel_ad", Names{"kernel_add"}), "did you mean 'kernel_add'?");
  EXPECT_EQ(suggest_sentence("kernel", Names{"printf"}), "");
}

}  // namespace
}  // namespace wasmpack
