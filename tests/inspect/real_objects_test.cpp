// Objects that no one here wrote: Debian's wasm archives and Rust's. None has a problem, and all
// are valid as far as wabt knows.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "inspect/facts/linking_problems.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "object/validate.h"
#include "support/input_file.h"

namespace wasmpack {
namespace {

std::vector<std::string> find_archives() {
  std::vector<std::string> paths;
  for (const char* folder :
       {"/usr/lib/wasm32-wasi", "/usr/lib/llvm-22/lib/wasm32-wasi",
        "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi", "/usr/lib/llvm-22/lib/clang/22/lib/wasi",
        "/usr/lib/rustlib/wasm32-unknown-unknown/lib"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const std::string path = entry.path();
      // Empty archives in place of libraries whose content is in libc.a.
      if ((path.ends_with(".a") || path.ends_with(".rlib")) && entry.file_size() > 100)
        paths.push_back(path);
    }
  }
  return paths;
}

TEST(RealObjects, HaveNoProblemsAndAreValid) {
  const std::vector<std::string> archives = find_archives();
  ASSERT_GE(archives.size(), 20u);
  size_t objects = 0;
  std::map<ModuleState, size_t> states;
  for (const std::string& path : archives) {
    SCOPED_TRACE(path);
    const Result<InputFile> file = InputFile::open(path);
    ASSERT_TRUE(file.has_value());
    const Result<std::vector<ArchiveMember>> members = read_archive(file->bytes(), path);
    ASSERT_TRUE(members.has_value());
    std::vector<ModuleRange> ranges;
    for (const ArchiveMember& member : *members) {
      if (identify_file(member.bytes) != FileKind::object) continue;
      ranges.push_back(
          {static_cast<uint64_t>(member.bytes.data() - file->bytes().data()), member.bytes.size()});
    }
    BackgroundValidation validation(file->bytes(), ranges);
    for (const ModuleRange& range : ranges) {
      Result<LenientObject> object =
          read_object_leniently(file->bytes().subspan(range.offset, range.size), path);
      ASSERT_TRUE(object.has_value()) << object.error().message;
      for (const Diagnostic& problem : find_linking_problems(*object))
        ADD_FAILURE() << render_text(problem, false);
    }
    objects += ranges.size();
    for (const Validation& answer : validation.wait()) {
      ++states[answer.state];
      EXPECT_NE(answer.state, ModuleState::invalid) << answer.message;
    }
  }
  EXPECT_GE(objects, 1500u);
  EXPECT_GE(states[ModuleState::valid], objects * 9 / 10);
}

}  // namespace
}  // namespace wasmpack
