// The law of the object model, on every wasm object that Debian's packages bring: what was read is
// written back byte for byte, from the raw bytes and encoded anew from the parsed view.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "object/archive.h"
#include "object/read.h"
#include "object/verify.h"
#include "object/write.h"
#include "support/input_file.h"

namespace wasmpack {
namespace {

// Archives and objects of wasi-libc, libc++, compiler-rt (wasm32 and wasm64) and Rust's std.
std::vector<std::string> list_system_files() {
  std::vector<std::string> files;
  for (const char* folder :
       {"/usr/lib/wasm32-wasi", "/usr/lib/llvm-22/lib/wasm32-wasi",
        "/usr/lib/llvm-22/lib/clang/22/lib/wasi", "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi",
        "/usr/lib/rustlib/wasm32-unknown-unknown/lib", "/usr/lib/rustlib/wasm32-wasi/lib"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".a" || extension == ".o" || extension == ".rlib")
        files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

void check_object(Bytes bytes, const std::string& name) {
  const Result<Object> object = read_object(bytes, name);
  ASSERT_TRUE(object) << render_text(object.error(), false);
  const Result<std::vector<uint8_t>> uses = verify_object(*object);
  ASSERT_TRUE(uses) << render_text(uses.error(), false);
  EXPECT_TRUE(std::ranges::equal(write_object(*object), bytes)) << name;
  EXPECT_TRUE(std::ranges::equal(encode_object(*object), bytes)) << name;
}

TEST(RoundTrip, EveryObjectOfTheSystemIsWrittenAsItWasRead) {
  size_t count = 0;
  for (const std::string& path : list_system_files()) {
    const Result<InputFile> file = InputFile::open(path);
    ASSERT_TRUE(file) << path;
    if (!is_archive(file->bytes())) {
      check_object(file->bytes(), path);
      ++count;
      continue;
    }
    const Result<std::vector<ArchiveMember>> members = read_archive(file->bytes(), path);
    ASSERT_TRUE(members) << path;
    for (const ArchiveMember& member : *members) {
      if (member.name == "lib.rmeta") continue;
      check_object(member.bytes, input_name(path, member.name));
      ++count;
    }
  }
  // libc.a alone has more than 800 members on Debian 12; fewer means the loop found nothing.
  EXPECT_GT(count, 1500u);
}

// Found by fuzz_roundtrip: the parsed view has one list, which both sections then claimed. That the
// first one is empty must not hide it.
TEST(RoundTrip, ASecondProducersSectionIsRefused) {
  ByteWriter out;
  out.write_bytes(kWasmHeader);
  append_custom_section(out, "producers", std::vector<uint8_t>{0});
  append_custom_section(out, "producers", std::vector<uint8_t>{1, 0, 0});
  const Result<Object> object = read_object(out.bytes(), "two.wasm");
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().message, "section occurs twice");
  EXPECT_EQ(object.error().where.section, "producers");
}

}  // namespace
}  // namespace wasmpack
