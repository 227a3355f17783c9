// Expected texts are the message form of docs/design.md, written out by hand.
#include "support/diagnostic.h"

#include <thread>

#include <gtest/gtest.h>
#include <llvm/Support/JSON.h>

namespace wasmpack {
namespace {

Location location(std::string file, std::string member = {}, std::string section = {}) {
  Location where;
  where.file = std::move(file);
  where.member = std::move(member);
  where.section = std::move(section);
  return where;
}

TEST(Location, IsDescribedByThePartsThatAreKnown) {
  Location where = location("libx.a", "y.o", "CODE");
  where.offset = 0x1f4;
  EXPECT_EQ(describe(where), "libx.a(y.o): section CODE, offset 0x1f4");
  where.section.clear();
  EXPECT_EQ(describe(where), "libx.a(y.o), offset 0x1f4");
  where.member.clear();
  where.offset = 0;
  EXPECT_EQ(describe(where), "libx.a, offset 0x0");
  EXPECT_EQ(describe(location("y.o", "", "linking")), "y.o: section linking");
  EXPECT_EQ(describe({}), "");
  where = {};
  where.offset = UINT64_MAX;
  EXPECT_EQ(describe(where), "offset 0xffffffffffffffff");
}

Diagnostic sample() {
  Diagnostic diagnostic;
  diagnostic.id = "duplicate-symbol";
  diagnostic.where = location("a.o");
  diagnostic.message = "duplicate symbol 'f'";
  diagnostic.notes = {"first defined in b.o", "and in c.o"};
  diagnostic.help = "rename one";
  return diagnostic;
}

TEST(RenderText, WritesNotesAndHelpOnLinesOfTheirOwn) {
  EXPECT_EQ(render_text(sample(), false),
            "wasmpack: error: a.o: duplicate symbol 'f' [duplicate-symbol]\n"
            "  note: first defined in b.o\n"
            "  note: and in c.o\n"
            "  help: rename one\n");
  Diagnostic warning = sample();
  warning.severity = Severity::warning;
  warning.where = {};
  warning.notes.clear();
  warning.help.clear();
  EXPECT_EQ(render_text(warning, false),
            "wasmpack: warning: duplicate symbol 'f' [duplicate-symbol]\n");
}

TEST(RenderText, ColorChangesNothingButEscapes) {
  std::string colored = render_text(sample(), true);
  EXPECT_NE(colored.find("\x1b[1;31m"), std::string::npos);
  for (size_t at; (at = colored.find('\x1b')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) + 1 - at);
  EXPECT_EQ(colored, render_text(sample(), false));
}

TEST(RenderText, NamesCannotDriveTheTerminal) {
  Diagnostic diagnostic = sample();
  diagnostic.where.member = "\x1b]0;pwned\x07";
  diagnostic.message = "symbol 'a\nwasmpack: error: forged'";
  diagnostic.notes = {"\x7f"};
  EXPECT_EQ(render_text(diagnostic, false),
            "wasmpack: error: a.o(\\x1b]0;pwned\\x07): symbol 'a\\x0awasmpack: error: forged' "
            "[duplicate-symbol]\n"
            "  note: \\x7f\n"
            "  help: rename one\n");
}

TEST(EscapeControls, KeepsUtf8AndEscapesTheRest) {
  EXPECT_EQ(escape_controls("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"),
            "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
  EXPECT_EQ(escape_controls("\xc2\x9b"), "\\xc2\\x9b");           // CSI, a control character
  EXPECT_EQ(escape_controls("\xc2\xa0"), "\xc2\xa0");             // the first that is none
  EXPECT_EQ(escape_controls("\xc3"), "\\xc3");                    // cut off
  EXPECT_EQ(escape_controls("\xc0\xaf"), "\\xc0\\xaf");           // too long an encoding
  EXPECT_EQ(escape_controls("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(escape_controls(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escape_controls(""), "");
}

TEST(RenderJson, IsOneLineWithEveryPart) {
  Diagnostic diagnostic = sample();
  diagnostic.where.section = "CODE";
  diagnostic.where.offset = 18;
  diagnostic.where.member = "quote\" and \x01 control and \xff";
  const std::string text = render_json(diagnostic);
  EXPECT_EQ(text.find('\n'), text.size() - 1);

  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  ASSERT_TRUE(static_cast<bool>(value)) << llvm::toString(value.takeError());
  const llvm::json::Object& object = *value->getAsObject();
  EXPECT_EQ(object.getString("severity"), "error");
  EXPECT_EQ(object.getString("id"), "duplicate-symbol");
  EXPECT_EQ(object.getString("file"), "a.o");
  // Not UTF-8, so it is escaped as in text.
  EXPECT_EQ(object.getString("member"), "quote\" and \\x01 control and \\xff");
  EXPECT_EQ(object.getString("section"), "CODE");
  EXPECT_EQ(object.getInteger("offset"), 18);
  EXPECT_EQ(object.getString("message"), "duplicate symbol 'f'");
  EXPECT_EQ(object.getString("help"), "rename one");
  EXPECT_EQ(object.getArray("notes")->size(), 2u);
}

TEST(RenderJson, LeavesOutWhatIsNotKnown) {
  Diagnostic diagnostic;
  diagnostic.id = "x";
  diagnostic.message = "m";
  EXPECT_EQ(render_json(diagnostic), "{\"id\":\"x\",\"message\":\"m\",\"severity\":\"error\"}\n");
}

Diagnostic placed(uint32_t order, std::optional<uint64_t> offset, std::string message,
                  Severity severity = Severity::error) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.where.order = order;
  diagnostic.where.offset = offset;
  diagnostic.message = std::move(message);
  return diagnostic;
}

TEST(DiagnosticSink, SortsByInputAndOffsetWhateverTheThreads) {
  const std::vector<Diagnostic> all = {placed(0, 5, "a"),  placed(0, 9, "b"),
                                       placed(0, {}, "c"), placed(3, 1, "d"),
                                       placed(3, 1, "e"),  placed(UINT32_MAX, {}, "f")};
  // Every rotation, each diagnostic from a thread of its own.
  for (size_t shift = 0; shift < all.size(); ++shift) {
    DiagnosticSink sink;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < all.size(); ++i)
      threads.emplace_back([&, i] { sink.report(all[(i + shift) % all.size()]); });
    for (std::thread& thread : threads) thread.join();
    std::string order;
    for (const Diagnostic& diagnostic : sink.take_sorted()) order += diagnostic.message;
    EXPECT_EQ(order, "abcdef");
    EXPECT_TRUE(sink.take_sorted().empty());
  }
}

TEST(DiagnosticSink, OnlyErrorsAreErrors) {
  DiagnosticSink sink;
  EXPECT_FALSE(sink.has_errors());
  sink.report(placed(0, {}, "w", Severity::warning));
  sink.report(placed(0, {}, "n", Severity::note));
  EXPECT_FALSE(sink.has_errors());
  sink.report(placed(0, {}, "e"));
  EXPECT_TRUE(sink.has_errors());
}

TEST(Fail, MakesAnError) {
  const Result<int> result = fail("some-id", location("f"), "message", "help");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().severity, Severity::error);
  EXPECT_EQ(render_text(result.error(), false),
            "wasmpack: error: f: message [some-id]\n  help: help\n");
}

}  // namespace
}  // namespace wasmpack
