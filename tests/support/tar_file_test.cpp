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

// A header of ustar, for an empty file "n".
std::string empty_member() {
  std::string header(512, '\0');
  header[0] = 'n';
  header[156] = '0';
  header.replace(257, 5, "ustar");
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<uint8_t>(c);
  char digits[8];
  snprintf(digits, sizeof digits, "%06o", sum);
  return header.replace(148, 7, digits, 7);
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
  const std::string header = empty_member();
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
