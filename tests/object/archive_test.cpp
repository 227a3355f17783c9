// Archives written out by hand, byte by byte as the formats say, and what the reader makes of them.
#include "object/archive.h"

#include <gtest/gtest.h>

#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

const std::string kMagic = "!<arch>\n";

std::string pad(std::string text, size_t width) {
  text.resize(width, ' ');
  return text;
}

std::string header(const std::string& name, const std::string& size) {
  return pad(name, 16) + pad("0", 12) + pad("0", 6) + pad("0", 6) + pad("644", 8) + pad(size, 10) +
         "`\n";
}

// One entry: header, content, newline to an even size.
std::string entry(const std::string& name, const std::string& content) {
  return header(name, std::to_string(content.size())) + content + (content.size() % 2 ? "\n" : "");
}

std::string big_endian(uint64_t value, int width) {
  std::string text;
  for (int i = width - 1; i >= 0; --i) text += static_cast<char>(value >> 8 * i);
  return text;
}
std::string little_endian(uint64_t value, int width) {
  std::string text;
  for (int i = 0; i < width; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

std::string with_nul(const std::string& text) { return text + '\0'; }

// "name:content " for each member.
std::string members_of(const std::string& archive) {
  const GuardedBytes guarded(as_bytes(archive));
  const auto members = read_archive(guarded.bytes(), "lib.a");
  if (!members) return "error: " + describe(members.error().where) + ": " + members.error().message;
  std::string text;
  for (const ArchiveMember& member : *members) {
    text += std::string(member.name) + ":" + std::string(as_string(member.bytes)) + " ";
    EXPECT_EQ(as_string(guarded.bytes()).substr(member.offset + 58, 2), "`\n");
  }
  return text;
}

// "symbol=member " for each entry of the index.
std::string index_of(const std::string& archive) {
  const GuardedBytes guarded(as_bytes(archive));
  const auto members = read_archive(guarded.bytes(), "lib.a");
  const auto index = read_archive_index(guarded.bytes(), "lib.a");
  if (!index) return "error: " + describe(index.error().where) + ": " + index.error().message;
  std::string text;
  for (const ArchiveIndexEntry& item : *index)
    text += std::string(item.symbol) + "=" + std::string((*members)[item.member].name) + " ";
  return text;
}

TEST(Archive, MayBeEmpty) {
  EXPECT_EQ(members_of(kMagic), "");
  EXPECT_EQ(index_of(kMagic), "");
}

TEST(Archive, IsKnownByItsMagic) {
  EXPECT_TRUE(is_archive(as_bytes("!<arch>\nx")));
  EXPECT_FALSE(is_archive(as_bytes("!<arch>")));
  EXPECT_FALSE(is_archive(as_bytes("!<thin>\n")));
  EXPECT_TRUE(is_thin_archive(as_bytes("!<thin>\n")));
  EXPECT_FALSE(is_archive({}));
  EXPECT_EQ(members_of("garbage"), "error: lib.a, offset 0x0: not an archive");
}

TEST(Archive, ShortNamesOfBothForms) {
  const std::string archive = kMagic + entry("gnu.o/", "one") + entry("bsd.o", "four") +
                              entry("sixteen-letters.", "") + entry("with space.o/", "x") +
                              entry("fifteen-letter./", "y");
  EXPECT_EQ(members_of(archive),
            "gnu.o:one bsd.o:four sixteen-letters.: with space.o:x fifteen-letter.:y ");
}

TEST(Archive, LongNamesOfGnu) {
  const std::string table = "a-name-of-more-than-15-letters.o/\nsecond one/with slash.o/\n";
  const std::string archive = kMagic + entry("//", table) + entry("/0", "A") + entry("/34", "B") +
                              // Nobody writes that, but it is what the number says.
                              entry("/36", "C");
  EXPECT_EQ(
      members_of(archive),
      "a-name-of-more-than-15-letters.o:A second one/with slash.o:B cond one/with slash.o:C ");
}

TEST(Archive, LongNamesMayEndWithNul) {
  const std::string table = with_nul("first-name-of-a-coff-archive.obj") + with_nul("second.obj");
  EXPECT_EQ(
      members_of(kMagic + entry("/", "") + entry("/", "") + entry("//", table) + entry("/33", "B")),
      "second.obj:B ");
}

TEST(Archive, NamesOfBsdStandInTheContent) {
  // The name is padded with NULs to a multiple of four, and is part of the size.
  const std::string archive = kMagic +
                              entry("#1/20", "name with spaces.o" + std::string(2, '\0') + "data") +
                              entry("#1/4", "e.o" + std::string(1, '\0')) + entry("#1/3", "x.oabc");
  EXPECT_EQ(members_of(archive), "name with spaces.o:data e.o: x.o:abc ");
}

TEST(Archive, PaddingMayBeMissingAtTheEnd) {
  EXPECT_EQ(members_of(kMagic + header("a.o/", "3") + "abc"), "a.o:abc ");
  EXPECT_EQ(members_of(kMagic + header("a.o/", "3") + "abc\n"), "a.o:abc ");
  // What stands there is not looked at.
  EXPECT_EQ(members_of(kMagic + header("a.o/", "1") + "aX" + entry("b.o/", "b")), "a.o:a b.o:b ");
}

TEST(Archive, IndexOfGnu) {
  const std::string names = with_nul("f") + with_nul("g") + with_nul("h");
  const std::string members = entry("a.o/", "A") + entry("b.o/", "B");
  const uint64_t a = 8 + 60 + 4 + 12 + 6;
  const uint64_t b = a + 62;
  EXPECT_EQ(index_of(kMagic +
                     entry("/", big_endian(3, 4) + big_endian(b, 4) + big_endian(a, 4) +
                                    big_endian(a, 4) + names) +
                     members),
            "f=b.o g=a.o h=a.o ");
  const uint64_t a64 = 8 + 60 + 8 + 24 + 6;
  EXPECT_EQ(index_of(kMagic +
                     entry("/SYM64/", big_endian(3, 8) + big_endian(a64, 8) + big_endian(a64, 8) +
                                          big_endian(a64 + 62, 8) + names) +
                     members),
            "f=a.o g=a.o h=b.o ");
}

TEST(Archive, IndexOfBsd) {
  const std::string names = with_nul("f") + with_nul("g");
  const std::string members = entry("#1/4", with_nul("a.o") + "A") + entry("b.o", "B");
  for (const std::string name : {"__.SYMDEF", "__.SYMDEF SORTED"}) {
    const uint64_t a = 8 + 60 + 4 + 16 + 4 + 4;
    const uint64_t b = a + 60 + 6;
    EXPECT_EQ(index_of(kMagic +
                       entry(name, little_endian(16, 4) + little_endian(0, 4) +
                                       little_endian(b, 4) + little_endian(2, 4) +
                                       little_endian(a, 4) + little_endian(4, 4) + names) +
                       members),
              "f=b.o g=a.o ");
  }
  // Darwin puts even this name into the content.
  const std::string name = "__.SYMDEF_64 SORTED" + std::string(1, '\0');
  const uint64_t a = 8 + 60 + 20 + 8 + 16 + 8 + 4;
  const std::string archive =
      kMagic +
      entry("#1/20", name + little_endian(16, 8) + little_endian(2, 8) + little_endian(a, 8) +
                         little_endian(4, 8) + names) +
      members;
  EXPECT_EQ(index_of(archive), "g=a.o ");
  EXPECT_EQ(members_of(archive), "a.o:A b.o:B ");
}

TEST(Archive, IndexesThatLieAreErrors) {
  const std::string member = entry("a.o/", "A");
  const std::string damaged =
      "the archive's index is damaged: its counts and names do not fit its size";
  for (const std::string& index :
       {std::string("\0\0", 2), big_endian(UINT32_MAX, 4), big_endian(1, 4) + big_endian(74, 4),
        big_endian(1, 4) + big_endian(74, 4) + "no end"})
    EXPECT_EQ(index_of(kMagic + entry("/", index) + member),
              "error: lib.a, offset 0x8: " + damaged);
  for (const std::string& index :
       {std::string("\0\0", 2), little_endian(UINT32_MAX, 4), little_endian(8, 4),
        // A name beyond the names; names beyond the index; a name without end.
        little_endian(8, 4) + little_endian(9, 4) + little_endian(0, 4) + little_endian(2, 4) +
            with_nul("f"),
        little_endian(0, 4) + little_endian(9, 4),
        little_endian(8, 4) + little_endian(0, 4) + little_endian(0, 4) + little_endian(1, 4) +
            "f"})
    EXPECT_EQ(index_of(kMagic + entry("__.SYMDEF", index) + member),
              "error: lib.a, offset 0x8: " + damaged);
  EXPECT_EQ(
      index_of(kMagic + entry("/", big_endian(1, 4) + big_endian(9, 4) + with_nul("f")) + member),
      "error: lib.a, offset 0x8: the archive's index says that the member at offset 9 defines 'f', "
      "but no member begins there");
  // The members can be read all the same.
  EXPECT_EQ(members_of(kMagic + entry("/", "??") + member), "a.o:A ");
}

TEST(Archive, ThinOnesNameTheWayOut) {
  const auto members = read_archive(as_bytes("!<thin>\n"), "lib.a", 3);
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().id, "thin-archive");
  EXPECT_EQ(members.error().where.order, 3u);
  EXPECT_NE(members.error().help.find("`ar` without the `T` modifier"), std::string::npos);
}

TEST(Archive, TruncatedOnesNameTheMember) {
  const std::string archive = kMagic + entry("a.o/", "AA") + entry("b.o/", "0123456789");
  EXPECT_EQ(members_of(archive.substr(0, archive.size() - 1)),
            "error: lib.a, offset 0x46: the member 'b.o/' has 10 bytes, but only 9 are left in the "
            "archive");
  EXPECT_EQ(members_of(archive.substr(0, 8 + 62 + 59)),
            "error: lib.a, offset 0x46: the archive ends inside a member header (59 of 60 bytes "
            "are there)");
  EXPECT_EQ(members_of(archive.substr(0, 8 + 62)), "a.o:AA ");
  EXPECT_EQ(members_of(kMagic + "\n"),
            "error: lib.a, offset 0x8: the archive ends inside a member header (1 of 60 bytes are "
            "there)");
}

TEST(Archive, BadHeadersNameTheirOffset) {
  std::string no_marker = kMagic + entry("a.o/", "AA");
  no_marker[8 + 58] = 'x';
  EXPECT_EQ(members_of(no_marker),
            "error: lib.a, offset 0x42: a member header does not end with its two marker bytes");
  for (const std::string size : {"", "-1", "0x10", "1 2", " 1", "9999999999", "1e3", "+1"}) {
    const std::string text = members_of(kMagic + header("a.o/", size) + "data");
    EXPECT_EQ(text.find("error: lib.a, offset 0x"), 0u) << size << ": " << text;
  }
  EXPECT_EQ(members_of(kMagic + header("a.o/", "1 2") + "data"),
            "error: lib.a, offset 0x38: the size in a member header is no number");
}

TEST(Archive, BadNamesAreErrors) {
  const std::string outside =
      "error: lib.a, offset 0x8: the name '/0' lies outside the table of long names (0 bytes)";
  EXPECT_EQ(members_of(kMagic + entry("/0", "")), outside);
  EXPECT_EQ(members_of(kMagic + entry("/x", "")),
            "error: lib.a, offset 0x8: '/x' is no member name");
  EXPECT_EQ(members_of(kMagic + entry("//", "name") + entry("/4", ""))
                .find("error: lib.a, offset 0x48: "),
            0u);
  EXPECT_EQ(members_of(kMagic + entry("//", "no end") + entry("/0", "")),
            "error: lib.a, offset 0x4a: the name '/0' in the table of long names has no end");
  for (const char* name : {"#1/5", "#1/", "#1/x", "#1/-1", "#1/9999999999"})
    EXPECT_EQ(members_of(kMagic + entry(name, "four")),
              "error: lib.a, offset 0x8: the name length '" + std::string(name) +
                  "' does not fit the member");
}

// A smallest wasm file: header and one custom section "ab" without content.
const std::string kWasm = std::string("\0asm\1\0\0\0", 8) + std::string("\0\3\2ab", 5);

TEST(Archive, DarwinsPaddingIsNoContent) {
  for (size_t newlines = 0; newlines < 8; ++newlines)
    EXPECT_EQ(
        members_of(kMagic + entry("#1/4", with_nul("a.o") + kWasm + std::string(newlines, '\n'))),
        "a.o:" + kWasm + " ");
  // Only Darwin's form, only newlines, only behind whole sections.
  EXPECT_EQ(members_of(kMagic + entry("a.o/", kWasm + "\n\n\n")), "a.o:" + kWasm + "\n\n\n ");
  EXPECT_EQ(members_of(kMagic + entry("#1/4", with_nul("a.o") + kWasm + "\n\n\t\n")),
            "a.o:" + kWasm + "\n\n\t\n ");
  EXPECT_EQ(members_of(kMagic + entry("#1/4", with_nul("a.o") + "text\n\n\n\n")),
            "a.o:text\n\n\n\n ");
  // Twelve newlines are a CODE section of ten bytes.
  EXPECT_EQ(members_of(kMagic + entry("#1/4", with_nul("a.o") + kWasm + std::string(12, '\n'))),
            "a.o:" + kWasm + std::string(12, '\n') + " ");
  // Newlines that belong to the last section.
  const std::string ends_with_newlines =
      std::string("\0asm\1\0\0\0", 8) + std::string("\0\5\2ab\n\n", 7);
  EXPECT_EQ(members_of(kMagic + entry("#1/4", with_nul("a.o") + ends_with_newlines)),
            "a.o:" + ends_with_newlines + " ");
}

// Archives that cost quadratic time if the reader searches without a bound; each takes minutes
// then.
TEST(Archive, WorkIsLinear) {
  constexpr size_t kSize = 8'000'000;
  // Half of it one long name without end, half members that all point into it.
  std::string names = kMagic + entry("//", std::string(kSize, 'n'));
  while (names.size() < 2 * kSize) names += header("/" + std::to_string(names.size() % 4096), "0");
  EXPECT_EQ(members_of(names).find("error: "), 0u);
  // The same with a name that ends, just not soon.
  std::string ends = kMagic + entry("//", std::string(4000, 'n') + "\n" + std::string(kSize, 'n'));
  while (ends.size() < 2 * kSize) ends += header("/" + std::to_string(ends.size() % 4000), "0");
  const GuardedBytes guarded(as_bytes(ends));
  const auto members = read_archive(guarded.bytes(), "lib.a");
  ASSERT_TRUE(members);
  EXPECT_GT(members->size(), kSize / 60 - 100);
  // A BSD index whose entries all share one long name.
  constexpr size_t kEntries = kSize / 8;
  std::string pairs;
  pairs.reserve(kSize);
  for (size_t i = 0; i < kEntries; ++i)
    pairs += little_endian(0, 4) + little_endian(8 + 60 + 16 + 2 * kSize, 4);
  const std::string index = little_endian(kSize, 4) + pairs + little_endian(kSize + 8, 4) +
                            std::string(kSize + 7, 's') + '\0';
  EXPECT_EQ(index_of(kMagic + entry("__.SYMDEF", index) + entry("a.o", "A")).find("error: "), 0u);
}

// ---- Writer -------------------------------------------------------------------------------------

std::string prefix_of(std::string_view name, uint64_t size, std::vector<std::string_view> symbols) {
  const std::vector<uint8_t> prefix = make_archive_prefix(name, size, symbols);
  return std::string(as_string(prefix));
}

TEST(ArchiveWriter, WritesTheGnuFormByteForByte) {
  // Index: 4 + 2 * 4 + "f\0" + "gg\0" = 17 bytes, a NUL to 18; the member's header at 8 + 60 + 18.
  const std::string expected = kMagic + pad("/", 16) + pad("0", 12) + pad("0", 6) + pad("0", 6) +
                               pad("0", 8) + pad("18", 10) + "`\n" + big_endian(2, 4) +
                               big_endian(86, 4) + big_endian(86, 4) + with_nul("f") +
                               with_nul("gg") + std::string(1, '\0') + header("x.o/", "1234567");
  EXPECT_EQ(prefix_of("x.o", 1234567, {"f", "gg"}), expected);
}

TEST(ArchiveWriter, IsReadBackByTheReader) {
  for (const std::string_view name :
       {"a.o", "fifteen-letter.", "sixteen-letters.", "an even longer name, with spaces.o", "n"})
    for (const std::string content : {"", "x", "xy"})
      for (const std::vector<std::string_view>& symbols :
           {std::vector<std::string_view>{}, {"f"}, {"f", "main", "_Z1gv"}}) {
        const std::string archive =
            prefix_of(name, content.size(), symbols) + content +
            std::string(archive_padding(content.size()), kArchivePaddingByte);
        EXPECT_EQ(archive.size() % 2, 0u);
        EXPECT_EQ(members_of(archive), std::string(name) + ":" + content + " ");
        std::string expected;
        for (const std::string_view symbol : symbols)
          expected += std::string(symbol) + "=" + std::string(name) + " ";
        EXPECT_EQ(index_of(archive), expected);
      }
}

TEST(ArchiveWriter, TakesTheLastComponentAndNoNamesThatBreakTheFormat) {
  const auto name_of = [](std::string_view name) { return members_of(prefix_of(name, 0, {})); };
  EXPECT_EQ(name_of("dir/sub/x.o"), "x.o: ");
  EXPECT_EQ(name_of(""), "_: ");
  EXPECT_EQ(name_of("dir/"), "_: ");
  EXPECT_EQ(name_of("new\nline.o"), "new_line.o: ");
  EXPECT_EQ(name_of("a long name with a new\nline.o"), "a long name with a new_line.o: ");
  EXPECT_EQ(name_of("space "), "space_: ");
}

}  // namespace
}  // namespace wasmpack
