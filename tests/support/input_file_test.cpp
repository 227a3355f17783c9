#include "support/input_file.h"

#include <gtest/gtest.h>

#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

TEST(InputFile, HasTheBytesOfTheFile) {
  const TempFolder folder;
  // A whole number of pages: nothing readable follows the mapping.
  const std::string content(3 * 4096, 'x');
  write_test_file(folder.file("a.o"), content);
  Result<InputFile> file = InputFile::open(folder.file("a.o"));
  ASSERT_TRUE(file);
  EXPECT_EQ(as_string(file->bytes()), content);
  EXPECT_EQ(file->path(), folder.file("a.o"));
  // The bytes stay where they are.
  const uint8_t* before = file->bytes().data();
  const InputFile moved = std::move(*file);
  EXPECT_EQ(moved.bytes().data(), before);
}

TEST(InputFile, MayBeEmpty) {
  const TempFolder folder;
  write_test_file(folder.file("empty"), "");
  const Result<InputFile> file = InputFile::open(folder.file("empty"));
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->bytes().empty());
}

TEST(InputFile, SaysWhyItCannotBeRead) {
  const TempFolder folder;
  const Result<InputFile> missing = InputFile::open(folder.file("missing.o"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().where.file, folder.file("missing.o"));
  EXPECT_EQ(missing.error().message, "cannot read: No such file or directory");
  const Result<InputFile> directory = InputFile::open(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message, "cannot read: Is a directory");
}

TEST(InputFile, CopiesBytesInMemory) {
  std::string text = "content";
  const InputFile file = InputFile::from_bytes("name", as_bytes(text));
  text[0] = 'X';
  EXPECT_EQ(as_string(file.bytes()), "content");
  EXPECT_EQ(file.path(), "name");
}

}  // namespace
}  // namespace wasmpack
