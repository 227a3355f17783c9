#include "support/tar_file.h"

#include <string>

#include <gtest/gtest.h>

#include "support/gzip.h"
#include "support/tar.h"

namespace wasmpack {
namespace {

InputFile make_file(std::string_view text) {
  return InputFile::from_bytes("x.tar", as_bytes(text));
}

// `printf aaa | gzip -n`
constexpr std::string_view kThreeBytes(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x4c\x04\x00\x2d\x73\x07\xf0\x03\x00\x00\x00",
    23);

// A member "n" of ustar.
std::string make_member(char type, std::string_view content) {
  std::string header(512, '\0');
  header[0] = 'n';
  header[156] = type;
  header.replace(257, 5, "ustar");
  char size[12];
  snprintf(size, sizeof size, "%011zo", content.size());
  header.replace(124, 11, size);
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<uint8_t>(c);
  char digits[8];
  snprintf(digits, sizeof digits, "%06o", sum);
  header.replace(148, 7, digits, 7);
  std::string member = header + std::string(content);
  return member.append((512 - content.size() % 512) % 512, '\0');
}

TEST(TarFile, NeitherTarNorGzip) {
  for (const std::string_view text : {"", "hello", "ustar"}) {
    const Result<std::optional<std::vector<InputFile>>> members = unpack_tar_file(make_file(text));
    ASSERT_TRUE(members);
    EXPECT_FALSE(*members);
  }
}

TEST(TarFile, GzipOfSomethingElseIsNoTar) {
  const auto members = unpack_tar_file(make_file(kThreeBytes));
  ASSERT_TRUE(members);
  EXPECT_FALSE(*members);
}

TEST(TarFile, HasAtMostAHundredThousandMembers) {
  const std::string header = make_member('0', {});
  std::string tar;
  for (int i = 0; i < 100'000; ++i) tar += header;
  const auto members = unpack_tar_file(make_file(tar));
  ASSERT_TRUE(members);
  ASSERT_TRUE(*members);
  EXPECT_EQ((*members)->size(), 100'000u);
  EXPECT_EQ((*members)->front().path(), "x.tar(n)");
  tar += header;
  const auto refused = unpack_tar_file(make_file(tar));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, "bad-tar");
}

TEST(TarFile, APaxHeaderNamesTheNextMember) {
  const std::string tar =
      make_member('x', "20 mtime=1700000000\n15 path=ä/b.o\n") + make_member('0', "object");
  const auto members = unpack_tar_file(make_file(tar + make_member('0', "other")));
  ASSERT_TRUE(members) << members.error().message;
  ASSERT_EQ((*members)->size(), 2u);
  EXPECT_EQ((*members)->front().path(), "x.tar(ä/b.o)");
  EXPECT_EQ(as_string((*members)->front().bytes()), "object");
  EXPECT_EQ((*members)->back().path(), "x.tar(n)");
}

// `tar --format=pax --sparse`: the member is a map of its data, and the data.
TEST(TarFile, ASparseFileOfPaxIsRefused) {
  const auto members = unpack_tar_file(
      make_file(make_member('x', "22 GNU.sparse.major=1\n") + make_member('0', "1\n0\n1\n")));
  ASSERT_FALSE(members);
  EXPECT_NE(members.error().message.find("a sparse file"), std::string::npos);
}

TEST(TarFile, ADamagedPaxHeaderIsRefused) {
  for (const char* text : {"x", "5", "99999999999999999999 a=b\n", "11 path=a\n", "2 a=b\n", "0 \n",
                           "8 path=a\n", "-9 path=a\n"}) {
    const auto members =
        unpack_tar_file(make_file(make_member('x', text) + make_member('0', "object")));
    ASSERT_FALSE(members) << text;
    EXPECT_EQ(members.error().message, "damaged tar archive: a pax header is malformed") << text;
  }
}

TEST(Gzip, UnpacksUpToTheLimit) {
  const InputFile file = make_file(kThreeBytes);
  for (const size_t limit : {3, 4, 1 << 20}) {
    const Result<InputFile> content = unpack_gzip(file, limit);
    ASSERT_TRUE(content) << limit;
    EXPECT_EQ(as_string(content->bytes()), "aaa");
    EXPECT_EQ(content->path(), "x.tar");
  }
  const Result<InputFile> refused = unpack_gzip(file, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "this gzip file cannot be unpacked: it is larger than 2 bytes when unpacked");
}

TEST(Gzip, JoinsMembersAndSkipsPadding) {
  const std::string twice =
      std::string(kThreeBytes) + std::string(kThreeBytes) + std::string(9, '\0');
  const Result<InputFile> content = unpack_gzip(make_file(twice), 1 << 20);
  ASSERT_TRUE(content);
  EXPECT_EQ(as_string(content->bytes()), "aaaaaa");
}

TEST(Gzip, OnlyZerosMayFollow) {
  for (const std::string& more : {std::string("x"), '\0' + std::string(kThreeBytes)}) {
    const Result<InputFile> content = unpack_gzip(make_file(std::string(kThreeBytes) + more), 99);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().message,
              "this gzip file cannot be unpacked: it has more than zeros behind its content");
  }
}

TEST(Gzip, EveryCutAndEveryFlippedByteIsNoticedOrHarmless) {
  for (size_t size = 2; size < kThreeBytes.size(); ++size)
    EXPECT_FALSE(unpack_gzip(make_file(kThreeBytes.substr(0, size)), 1 << 20)) << size;
  // The content and its checksum; behind the last bit of the content are some without a meaning.
  size_t noticed = 0;
  for (size_t at = 10; at < kThreeBytes.size(); ++at) {
    std::string damaged(kThreeBytes);
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const Result<InputFile> content = unpack_gzip(make_file(damaged), 1 << 20);
    if (content)
      EXPECT_EQ(as_string(content->bytes()), "aaa") << at;
    else
      ++noticed;
  }
  EXPECT_GE(noticed, kThreeBytes.size() - 11);
}

}  // namespace
}  // namespace wasmpack
