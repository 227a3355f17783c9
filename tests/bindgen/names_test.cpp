// Identifiers, literals and comments of names that try to be something else. What compilers make of
// them is tested by the scripts of this folder.
#include "bindgen/names.h"

#include <set>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

using std::string_view_literals::operator""sv;

std::vector<std::string> identifiers(std::vector<std::string_view> names,
                                     std::vector<std::string_view> reserved = {}) {
  return make_identifiers(names, reserved);
}

TEST(Identifiers, AreTheNamesWhereTheyCanBe) {
  EXPECT_EQ(identifiers({"add", "A_1", "x"}), (std::vector<std::string>{"add", "A_1", "x"}));
}

TEST(Identifiers, BeginWithALetterAndHoldWordCharactersOnly) {
  EXPECT_EQ(identifiers({"", "1st", "_x", "a.b", "gr\xc3\xbcn", "\xf0\x9f\x98\x80", "\xff"}),
            (std::vector<std::string>{"k", "k1st", "k_x", "a_b", "gr_n", "k_", "k__2"}));
}

TEST(Identifiers, LeaveReservedWordsAlone) {
  EXPECT_EQ(identifiers({"if", "if_", "i.f"}, {"if"}),
            (std::vector<std::string>{"if__2", "if_", "i_f"}));
}

TEST(Identifiers, ThatAreTakenGetANumberWhateverTheOrder) {
  EXPECT_EQ(identifiers({"a.b", "a-b", "a_b", "a_b_2", "a+b"}),
            (std::vector<std::string>{"a_b_3", "a_b_4", "a_b", "a_b_2", "a_b_5"}));
}

TEST(Identifiers, OfManyNamesThatLookAlikeTakeLinearTime) {
  std::vector<std::string> names;
  for (int i = 0; i < 100000; ++i) names.push_back(std::string(250, 'x') + std::to_string(i));
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::vector<std::string> result = make_identifiers(views, {});
  EXPECT_EQ(std::set<std::string>(result.begin(), result.end()).size(), names.size());
}

TEST(Literals, OfC) {
  EXPECT_EQ(quote_c("a\"\\?"
                    "?/\n"),
            R"("a\"\\\?\?/\012")");
  EXPECT_EQ(quote_c("\0"sv), R"("\000")");
  EXPECT_EQ(quote_c("\xc3\xbc"
                    "1"),
            R"("\303\2741")");
}

TEST(Literals, OfRust) {
  EXPECT_EQ(quote_rust("a\"\\\n\xc3\xbc\xf0\x9f\x98\x80"), R"("a\"\\\u{A}\u{FC}\u{1F600}")");
}

TEST(Literals, OfScript) {
  EXPECT_EQ(quote_script("a\"\\\n\xe2\x80\xa8\xf0\x9f\x98\x80"),
            R"("a\"\\\u000A\u2028\uD83D\uDE00")");
}

TEST(Literals, OfPython) {
  EXPECT_EQ(quote_python("a\"\\\n\xc3\xbc\xe2\x80\xa8\xf0\x9f\x98\x80"),
            R"("a\"\\\x0A\xFC\u2028\U0001F600")");
}

// Text is UTF-8 before it gets here; if it is not after all, it must still be a literal.
TEST(Literals, OfBytesThatAreNoUtf8HaveReplacements) {
  for (const std::string_view bad :
       {"\xff"sv, "\xc3"sv, "\xc0\x80"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv, "\xe2\x80"sv}) {
    EXPECT_NE(quote_rust(bad).find("\\u{FFFD}"), std::string::npos);
    EXPECT_EQ(quote_rust(bad).find("D800"), std::string::npos);
    EXPECT_NE(comment_text(bad).find("<U+FFFD>"), std::string::npos);
  }
}

TEST(Comments, HaveOneLineForEachOfTheText) {
  EXPECT_EQ(comment_lines("a\r\nb\n\nc\n\n"), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(comment_lines(""), std::vector<std::string>());
}

TEST(Comments, CannotEndOrContinueThemselves) {
  EXPECT_EQ(comment_text("*/ /* ?"
                         "?/ \\"),
            "* / / * ? ?/ \\.");
  EXPECT_EQ(comment_text("*/*/?"
                         "?"
                         "?"),
            "* / * /? ? ?");
  EXPECT_EQ(comment_text("a\nb\rc\xe2\x80\xa8"
                         "d\xe2\x80\xae"
                         "e\x1b"),
            "a<U+000A>b<U+000D>c<U+2028>d<U+202E>e<U+001B>");
  EXPECT_EQ(comment_text("gr\xc3\xbcn"), "gr\xc3\xbcn");
}

}  // namespace
}  // namespace wasmpack
