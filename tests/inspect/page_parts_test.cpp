// What a page is made of before it is one: the tree of sizes, the cuts, the escaping.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "inspect/render/page_trim.h"
#include "inspect/render/render_html.h"
#include "inspect/render/short_text.h"
#include "inspect/render/size_tree.h"

namespace wasmpack {
namespace {

// Items of the sizes given, one after the other, as (section, library, size).
Sizes make_sizes(const std::vector<SizeItem>& items) {
  Sizes sizes;
  sizes.detail = SizeDetail::symbols;
  sizes.sections = {"CODE", "DATA"};
  sizes.libraries = {"[sections]", "one", "two"};
  sizes.items = items;
  return sizes;
}

uint64_t add_up(const SizeTree& tree) {
  uint64_t sum = tree.rest_size;
  for (const SizeSection& section : tree.sections) {
    uint64_t of_section = 0;
    for (const SizeLibrary& library : section.libraries) {
      uint64_t of_library = library.rest_size;
      for (const SizeLeaf& leaf : library.leaves) of_library += leaf.size;
      EXPECT_EQ(of_library, library.size);
      of_section += library.size;
    }
    EXPECT_EQ(of_section, section.size);
    sum += section.size;
  }
  return sum;
}

TEST(SizeTree, LevelsAddUpAndTheLargestComesFirst) {
  const Sizes sizes =
      make_sizes({{0, 5, "a", 0, 1}, {5, 7, "b", 0, 2}, {12, 3, "c", 0, 1}, {15, 90, "d", 1, 2}});
  const SizeTree tree = make_size_tree(sizes, 100, 100);
  EXPECT_EQ(tree.size, 105u);
  EXPECT_EQ(add_up(tree), 105u);
  ASSERT_EQ(tree.sections.size(), 2u);
  EXPECT_EQ(tree.sections[0].name, "DATA");
  ASSERT_EQ(tree.sections[1].libraries.size(), 2u);
  EXPECT_EQ(tree.sections[1].libraries[0].name, "one");  // 8 bytes against 7
  ASSERT_EQ(tree.sections[1].libraries[0].leaves.size(), 2u);
  EXPECT_EQ(tree.sections[1].libraries[0].leaves[0].name, "a");
}

TEST(SizeTree, WhatIsTooMuchIsSummed) {
  std::vector<SizeItem> items;
  for (uint64_t i = 0; i < 1000; ++i)
    items.push_back({i * 8, 8, "x", static_cast<uint32_t>(i % 2), static_cast<uint32_t>(i % 3)});
  items.push_back({8000, 100, "large", 0, 0});
  const Sizes sizes = make_sizes(items);
  const SizeTree tree = make_size_tree(sizes, 10, 2);
  EXPECT_EQ(tree.size, 8100u);
  EXPECT_EQ(add_up(tree), 8100u);
  EXPECT_EQ(tree.rest_count, 4u);  // of six pairs of section and library
  EXPECT_EQ(tree.sections[0].libraries[0].leaves[0].name, "large");
  uint64_t leaves = 0;
  for (const SizeSection& section : tree.sections)
    for (const SizeLibrary& library : section.libraries) leaves += library.leaves.size();
  EXPECT_EQ(leaves, 10u);
}

TEST(PageTrim, KeepsWhatIsUndefinedAndThenTheLargest) {
  Inspected inspected;
  for (uint32_t i = 0; i < 100; ++i) {
    const uint32_t flags = i == 50 ? kSymbolUndefined : 0;
    inspected.facts.symbols.push_back(
        {"s", SymbolKind::function, flags, i, {}, {}, i == 50 ? 0 : i});
  }
  const std::vector<CutList> cuts = trim_for_page(inspected, 3);
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].name, "symbols");
  EXPECT_EQ(cuts[0].shown, 3u);
  EXPECT_EQ(cuts[0].of, 100u);
  ASSERT_EQ(inspected.facts.symbols.size(), 3u);
  EXPECT_EQ(inspected.facts.symbols[0].index, 50u);
  EXPECT_EQ(inspected.facts.symbols[1].index, 98u);
  EXPECT_EQ(inspected.facts.symbols[2].index, 99u);
}

TEST(ShortText, IsNotCutWithinACharacter) {
  EXPECT_EQ(shorten("short"), "short");
  EXPECT_EQ(shorten("ab\xc3\xa4z", 3), "ab... (5 bytes)");
  EXPECT_EQ(shorten("ab\xc3\xa4z", 4), "ab\xc3\xa4... (5 bytes)");
  EXPECT_EQ(find_cut(std::string(10, '\x80'), 5),
            1u);  // no UTF-8: the cut is near the limit all the same
}

TEST(EscapeJson, LeavesNothingThatEndsAScript) {
  EXPECT_EQ(escape_json_for_html("{\"</script>\":\"<!-- & -->\"}"),
            "{\"\\u003c/script\\u003e\":\"\\u003c!-- \\u0026 --\\u003e\"}");
  EXPECT_EQ(escape_json_for_html("\xe2\x80\xa8|\xe2\x80\xa9|\xe2\x80\xa6|\xe2\x80"),
            "\\u2028|\\u2029|\xe2\x80\xa6|\xe2\x80");
}

}  // namespace
}  // namespace wasmpack
