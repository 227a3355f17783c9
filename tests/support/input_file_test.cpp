#include "support/input_file.h"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

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

TEST(InputFile, ReadsAPipe) {
  const TempFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string content(300000, 'x');  // more than a pipe holds
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::ofstream out(pipe);
    out << content.substr(0, 1000) << std::flush;
    // Longer than an input waits for somebody to write.
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    out << content.substr(1000);
  });
  const Result<InputFile> file = InputFile::open(pipe);
  writer.join();
  ASSERT_TRUE(file);
  EXPECT_EQ(as_string(file->bytes()), content);
}

TEST(InputFile, WaitsForNobody) {
  const TempFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const Result<InputFile> file = InputFile::open(pipe);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, "cannot read: nobody writes into this pipe");
}

TEST(InputFile, DevicesEndOrAreRefused) {
  const Result<InputFile> empty = InputFile::open("/dev/null");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->bytes().empty());
  const Result<InputFile> endless = InputFile::open("/dev/zero");
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().message, "cannot read: File too large");
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
