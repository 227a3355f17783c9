// What is refused before LLVM's parser sees it, and what is not.
#include "support/bounded_json.h"

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

std::string repeat(size_t count, std::string_view text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

bool is_too_large(const std::string& text) {
  const auto json = parse_bounded_json(text);
  return !json && json.error() == "it is too large or too deeply nested";
}

TEST(BoundedJson, ReadsWhatIsSound) {
  const auto json = parse_bounded_json(R"({"a":[1,"[{,\"[{"]})");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->getAsObject()->getArray("a")->size(), 2u);
}

TEST(BoundedJson, SaysWhatIsWrong) {
  for (const char* text : {"", "{", "nul", "\"\xff\"", "[1] 2"}) {
    const auto json = parse_bounded_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_NE(json.error().find("it is not JSON: "), std::string::npos) << text;
  }
}

TEST(BoundedJson, IsBoundedInDepth) {
  EXPECT_TRUE(parse_bounded_json(repeat(kMaxJsonDepth, "[") + repeat(kMaxJsonDepth, "]")));
  EXPECT_TRUE(is_too_large(repeat(kMaxJsonDepth + 1, "[") + repeat(kMaxJsonDepth + 1, "]")));
  EXPECT_TRUE(is_too_large(repeat(1000000, "[{\"a\":")));
}

TEST(BoundedJson, IsBoundedInObjectsAndValues) {
  EXPECT_TRUE(parse_bounded_json("[" + repeat(kMaxJsonObjects, "{},") + "0]"));
  EXPECT_TRUE(is_too_large("[" + repeat(kMaxJsonObjects + 1, "{},") + "0]"));
  EXPECT_TRUE(is_too_large("[" + repeat(kMaxJsonValues, "0,") + "0]"));
}

TEST(BoundedJson, CountsNothingInsideStrings) {
  EXPECT_TRUE(parse_bounded_json("\"" + repeat(kMaxJsonValues, "[{,") + "\""));
}

}  // namespace
}  // namespace wasmpack
