// Archives that others wrote, and other tools on archives that we wrote. Oracles: llvm-ar, llvm-nm,
// binutils' ar, wasm-ld, rustc.
#include <algorithm>
#include <filesystem>
#include <numeric>
#include <sstream>

#include <gtest/gtest.h>

#include "object/archive.h"
#include "support/input_file.h"
#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

// Every wasm archive of the Debian packages in packages.txt.
std::vector<std::string> system_archives() {
  std::vector<std::string> paths = {
      "/usr/lib/wasm32-wasi/libc.a",
      "/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a",
      "/usr/lib/llvm-22/lib/wasm32-wasi/libc++abi.a",
      "/usr/lib/llvm-22/lib/wasm32-wasi/libc++experimental.a",
  };
  for (const char* target : {"wasm32-wasi", "wasm32-unknown-unknown"})
    for (const auto& file :
         std::filesystem::directory_iterator("/usr/lib/rustlib/" + std::string(target) + "/lib"))
      if (file.path().extension() == ".rlib") paths.push_back(file.path());
  return paths;
}

std::vector<ArchiveMember> read_or_throw(const InputFile& file) {
  auto members = read_archive(file.bytes(), file.path());
  if (!members) throw std::runtime_error(render_text(members.error(), false));
  return std::move(*members);
}

std::string names_of(const std::vector<ArchiveMember>& members) {
  std::string text;
  for (const ArchiveMember& member : members) text += std::string(member.name) + "\n";
  return text;
}

std::string contents_of(const std::vector<ArchiveMember>& members) {
  std::string text;
  for (const ArchiveMember& member : members) text += as_string(member.bytes);
  return text;
}

// "symbol in member" for each line of llvm-nm's index; it goes on with the members' symbols.
std::string llvm_index(const std::string& path) {
  // The exit code is not looked at: of members with Darwin's padding it cannot read the symbols.
  const std::string text =
      run_command("llvm-nm-22 --print-armap --quiet '" + path + "' 2>/dev/null").output;
  const std::string heading = "Archive map\n";
  if (!text.starts_with(heading)) return "";
  const size_t end = text.find("\n\n");
  return text.substr(heading.size(), end + 1 - heading.size());
}

std::string our_index(const InputFile& file, const std::vector<ArchiveMember>& members) {
  const auto index = read_archive_index(file.bytes(), file.path());
  if (!index) throw std::runtime_error(render_text(index.error(), false));
  std::string text;
  for (const ArchiveIndexEntry& entry : *index)
    text += std::string(entry.symbol) + " in " + std::string(members[entry.member].name) + "\n";
  return text;
}

std::string sort_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  std::sort(lines.begin(), lines.end());
  return std::accumulate(lines.begin(), lines.end(), std::string());
}

TEST(RealArchives, HaveTheMembersThatLlvmArLists) {
  const std::vector<std::string> paths = system_archives();
  ASSERT_GT(paths.size(), 40u);
  for (const std::string& path : paths) {
    const InputFile file = InputFile::open(path).value();
    const std::vector<ArchiveMember> members = read_or_throw(file);
    EXPECT_FALSE(members.empty()) << path;
    EXPECT_EQ(names_of(members), run_or_throw("llvm-ar-22 t '" + path + "'")) << path;
  }
}

TEST(RealArchives, HaveTheContentsThatLlvmArPrints) {
  for (const std::string& path : system_archives()) {
    if (std::filesystem::file_size(path) > 4'000'000) continue;
    const InputFile file = InputFile::open(path).value();
    EXPECT_TRUE(contents_of(read_or_throw(file)) == run_or_throw("llvm-ar-22 p '" + path + "'"))
        << path;
  }
}

TEST(RealArchives, HaveTheIndexThatLlvmNmPrints) {
  size_t indexed = 0;
  for (const std::string& path : system_archives()) {
    if (std::filesystem::file_size(path) > 4'000'000) continue;
    const InputFile file = InputFile::open(path).value();
    const std::string expected = llvm_index(path);
    EXPECT_TRUE(our_index(file, read_or_throw(file)) == expected) << path;
    indexed += !expected.empty();
  }
  EXPECT_GT(indexed, 20u);
}

// A folder with two objects, one with a long name, of 392 and 318 bytes or so: with and without
// need of padding.
class MadeArchives : public testing::Test {
 protected:
  void SetUp() override {
    write_test_file(folder_.file("a.c"), "int x; int foo(void) { return x; }");
    write_test_file(folder_.file("b.c"), "int bar(void) { return 3; }");
    run_or_throw("cd " + folder_.path() +
                 " && clang-22 --target=wasm32 -c a.c -o a.o"
                 " && clang-22 --target=wasm32 -c b.c -o an-object-with-a-long-name.o");
    object_ = read_test_file(folder_.file("a.o"));
  }

  // An archive of one member that is made by our writer.
  std::string write_archive(std::string_view member, std::vector<std::string_view> symbols) {
    const std::vector<uint8_t> prefix = make_archive_prefix(member, object_.size(), symbols);
    const std::string path = folder_.file("libx.a");
    write_test_file(path, std::string(as_string(prefix)) + object_ +
                              std::string(archive_padding(object_.size()), kArchivePaddingByte));
    return path;
  }

  TempFolder folder_;
  std::string object_;
};

TEST_F(MadeArchives, OfEveryFormatAreRead) {
  for (const std::string format : {"gnu", "bsd", "darwin", "coff"}) {
    const std::string path = folder_.file(format + ".a");
    run_or_throw("cd " + folder_.path() + " && llvm-ar-22 --format=" + format + " rcs " + path +
                 " a.o an-object-with-a-long-name.o");
    const InputFile file = InputFile::open(path).value();
    const std::vector<ArchiveMember> members = read_or_throw(file);
    EXPECT_EQ(names_of(members), run_or_throw("llvm-ar-22 t " + path)) << format;
    ASSERT_EQ(members.size(), 2u) << format;
    // The files themselves, not what `ar p` prints: with --format=darwin that has padding.
    EXPECT_TRUE(as_string(members[0].bytes) == object_) << format;
    EXPECT_TRUE(as_string(members[1].bytes) ==
                read_test_file(folder_.file("an-object-with-a-long-name.o")))
        << format;
    // The second index of the COFF format, which LLVM reads, is sorted.
    EXPECT_EQ(sort_lines(our_index(file, members)), sort_lines(llvm_index(path))) << format;
  }
}

TEST_F(MadeArchives, OfBinutilsAreRead) {
  const std::string path = folder_.file("binutils.a");
  run_or_throw("cd " + folder_.path() + " && ar rc " + path + " a.o an-object-with-a-long-name.o");
  const InputFile file = InputFile::open(path).value();
  EXPECT_EQ(names_of(read_or_throw(file)), run_or_throw("ar t " + path));
}

TEST_F(MadeArchives, ThinOnesOfBothToolsAreRefused) {
  for (const std::string command : {"llvm-ar-22 rcsT", "llvm-ar-22 rcs --thin", "ar rcT"}) {
    run_or_throw("cd " + folder_.path() + " && rm -f thin.a && " + command + " thin.a a.o");
    const InputFile file = InputFile::open(folder_.file("thin.a")).value();
    const auto members = read_archive(file.bytes(), "thin.a");
    ASSERT_FALSE(members) << command;
    EXPECT_EQ(members.error().id, "thin-archive");
  }
}

TEST_F(MadeArchives, OfOursAreListedAndPrintedByBothArs) {
  for (const std::string member :
       {"a.o", "fifteen-letter.", "sixteen-letters.", "quite a long name.o"}) {
    // Even and odd sizes.
    for (int i = 0; i < 2; ++i) {
      const std::string path = write_archive(member, {"foo", "x"});
      for (const std::string ar : {"llvm-ar-22", "ar"}) {
        EXPECT_EQ(run_or_throw(ar + " t " + path), member + "\n") << ar;
        EXPECT_TRUE(run_or_throw(ar + " p " + path) == object_) << ar << " " << member;
        EXPECT_EQ(run_or_throw(ar + " tv " + path).substr(0, 14), "rw-r--r-- 0/0 ") << ar;
      }
      EXPECT_EQ(llvm_index(path), "foo in " + member + "\nx in " + member + "\n");
      if (i == 0) {
        // A custom section "p" with one more byte makes the size odd, or even again.
        object_ +=
            std::string(object_.size() % 2 ? "\0\3\1pp" : "\0\2\1p", object_.size() % 2 ? 5 : 4);
        object_ += std::string("\0\3\1pp", 5);
      }
    }
  }
}

TEST_F(MadeArchives, OfOursHaveTheIndexThatLlvmArMakes) {
  const std::string ours = read_test_file(write_archive("a.o", {"foo", "x"}));
  // llvm-ar sorts nothing in the GNU form and gives the member mode 644 in its deterministic mode.
  run_or_throw("cd " + folder_.path() + " && llvm-ar-22 --format=gnu rcsD theirs.a a.o");
  EXPECT_TRUE(ours == read_test_file(folder_.file("theirs.a")));
  // Making the index again changes nothing.
  run_or_throw("llvm-ar-22 s " + folder_.file("libx.a"));
  EXPECT_TRUE(ours == read_test_file(folder_.file("libx.a")));
}

TEST_F(MadeArchives, OfOursAreLinkedByReference) {
  write_test_file(folder_.file("main.c"), "int foo(void); int main_(void) { return foo(); }");
  run_or_throw("cd " + folder_.path() + " && clang-22 --target=wasm32 -c main.c -o main.o");
  for (const std::string member : {"a.o", "a name of more than fifteen letters.o"}) {
    write_archive(member, {"foo", "x"});
    for (const std::string linker : {"wasm-ld-14", "wasm-ld-22"}) {
      run_or_throw("cd " + folder_.path() + " && " + linker +
                   " --no-entry --export=main_ main.o libx.a -o out.wasm");
      run_or_throw("cd " + folder_.path() +
                   " && wasm-ld-22 --no-entry --whole-archive libx.a"
                   " --export=foo -o whole.wasm");
    }
  }
  // To lld 14 the index alone decides: without the symbol in it the member is not found.
  write_archive("a.o", {"x"});
  EXPECT_NE(run_command("cd " + folder_.path() +
                        " && wasm-ld-14 --no-entry --export=main_ main.o libx.a -o out.wasm")
                .exit_code,
            0);
}

TEST_F(MadeArchives, OfOursAreLinkedByRustc) {
  write_test_file(folder_.file("main.rs"),
                  "#![no_std]\n#![crate_type = \"cdylib\"]\n"
                  "#[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n"
                  "#[link(name = \"x\", kind = \"static\")] extern \"C\" { fn foo() -> i32; }\n"
                  "#[no_mangle] pub extern \"C\" fn call() -> i32 { unsafe { foo() } }\n");
  for (const std::string member : {"a.o", "a-name-of-more-than-fifteen-letters.o"}) {
    write_archive(member, {"foo", "x"});
    // Debian's, whose standard library for wasm32 is a package; a rustup rustc in PATH may have
    // none.
    run_or_throw("cd " + folder_.path() +
                 " && /usr/bin/rustc --target wasm32-unknown-unknown -C panic=abort -L . main.rs"
                 " -o rust.wasm");
    EXPECT_TRUE(read_test_file(folder_.file("rust.wasm")).starts_with(std::string("\0asm", 4)));
  }
}

// ---- Mutants ------------------------------------------------------------------------------------

// Looks at every byte of what the reader returns, so that a view outside the archive is noticed.
void touch(Bytes bytes) {
  volatile uint8_t sink = 0;
  for (const uint8_t byte : bytes) sink = byte;
  (void)sink;
}

// Archives without what makes them long: only headers, names and index matter here.
std::string shorten(const std::string& path) {
  const std::string content = read_test_file(path);
  return content.substr(0, std::min<size_t>(content.size(), 60'000));
}

TEST_F(MadeArchives, MutantsAreReadOrRefused) {
  std::vector<std::string> originals;
  for (const std::string format : {"gnu", "bsd", "darwin", "coff"}) {
    run_or_throw("cd " + folder_.path() + " && llvm-ar-22 --format=" + format +
                 " rcs m.a a.o"
                 " an-object-with-a-long-name.o && mv m.a " +
                 format + ".a");
    originals.push_back(read_test_file(folder_.file(format + ".a")));
  }
  for (const char* path :
       {"/usr/lib/wasm32-wasi/libc.a", "/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a",
        "/usr/lib/llvm-22/lib/wasm32-wasi/libc++experimental.a"})
    originals.push_back(shorten(path));

  TestRandom random(20'261'123);
  int refused = 0;
  int accepted = 0;
  int bad_index = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string mutant = originals[random.below(originals.size())];
    // Where headers, index and names are: half of the damage goes there.
    const uint64_t head = std::min<uint64_t>(mutant.size(), 512);
    for (uint64_t n = 1 + random.below(4); n > 0; --n) {
      const uint64_t at = random.below(random.below(2) ? head : mutant.size());
      switch (random.below(4)) {
        case 0:
          mutant[at] = static_cast<char>(mutant[at] ^ (1 << random.below(8)));
          break;
        case 1:
          mutant[at] = static_cast<char>(random.next());
          break;
        case 2:
          mutant[at] = "0123456789/ #\n\0\xff"[random.below(16)];
          break;
        case 3:
          if (random.below(8) == 0) mutant.resize(at + 1);
          break;
      }
    }
    const GuardedBytes guarded(as_bytes(mutant));
    const auto members = read_archive(guarded.bytes(), "mutant.a");
    const auto index = read_archive_index(guarded.bytes(), "mutant.a");
    (members ? accepted : refused)++;
    if (members) {
      for (const ArchiveMember& member : *members) {
        touch(member.bytes);
        touch(as_bytes(member.name));
        ASSERT_LE(member.offset + 60, mutant.size());
      }
      if (!index) ++bad_index;
    } else {
      EXPECT_FALSE(index);
      EXPECT_EQ(members.error().where.file, "mutant.a");
      ASSERT_TRUE(members.error().where.offset.has_value());
      EXPECT_LE(*members.error().where.offset, mutant.size());
    }
    if (index)
      for (const ArchiveIndexEntry& entry : *index) {
        touch(as_bytes(entry.symbol));
        ASSERT_LT(entry.member, members->size());
      }
  }
  // The mutations reach all three ends.
  EXPECT_GT(refused, 200);
  EXPECT_GT(accepted, 200);
  EXPECT_GT(bad_index, 50);
}

}  // namespace
}  // namespace wasmpack
