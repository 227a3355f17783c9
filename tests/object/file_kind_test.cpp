// What files are. The real ones are made by the tools that make such files; the oracle for the
// others is the format's own definition.
#include "object/file_kind.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/input_file.h"
#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

FileKind kind_of(std::string_view content) {
  const GuardedBytes guarded(as_bytes(content));
  return identify_file(guarded.bytes());
}

const std::string kHeader("\0asm\1\0\0\0", 8);

// A custom section; name and content below 128 bytes.
std::string custom(const std::string& name, const std::string& content = {}) {
  const std::string payload = static_cast<char>(name.size()) + name + content;
  return std::string(1, '\0') + static_cast<char>(payload.size()) + payload;
}

TEST(IdentifyFile, WasmByItsSections) {
  EXPECT_EQ(kind_of(kHeader), FileKind::module);
  EXPECT_EQ(kind_of(kHeader + custom("name")), FileKind::module);
  EXPECT_EQ(kind_of(kHeader + custom("name") + custom("linking", "\2")), FileKind::object);
  EXPECT_EQ(kind_of(kHeader + custom("dylink.0")), FileKind::shared);
  EXPECT_EQ(kind_of(kHeader + custom("dylink")), FileKind::shared);
  EXPECT_EQ(kind_of(kHeader + custom("linking.x") + custom("reloc.CODE")), FileKind::module);
  // A section that is called "linking" inside another one's content is none.
  EXPECT_EQ(kind_of(kHeader + custom("x", custom("linking"))), FileKind::module);
  // A custom section whose name is longer than it.
  EXPECT_EQ(kind_of(kHeader + std::string("\0\2\7l", 4)), FileKind::module);
}

TEST(IdentifyFile, WasmByItsVersion) {
  EXPECT_EQ(kind_of(std::string("\0asm\x0d\0\1\0", 8)), FileKind::component);
  EXPECT_EQ(kind_of(std::string("\0asm\x0c\0\0\0", 8)), FileKind::old_wasm_version);
  EXPECT_EQ(kind_of(std::string("\0asm\0\0\0\0", 8)), FileKind::old_wasm_version);
  EXPECT_EQ(kind_of(std::string("\0asm\1\0\2\0", 8)), FileKind::old_wasm_version);
}

TEST(IdentifyFile, WasmThatEndsTooEarly) {
  const std::string object = kHeader + custom("name", "content") + custom("linking", "\2");
  const size_t first_end = kHeader.size() + custom("name", "content").size();
  for (size_t size = 1; size < object.size(); ++size) {
    const FileKind expected =
        size == kHeader.size() || size == first_end ? FileKind::module : FileKind::truncated;
    EXPECT_EQ(kind_of(object.substr(0, size)), expected) << size;
  }
  // After `linking` nothing is looked at: the reader says more.
  EXPECT_EQ(kind_of(object + std::string("\0\x7f", 2)), FileKind::object);
}

TEST(IdentifyFile, NothingAndMagicNumbersCutOff) {
  EXPECT_EQ(kind_of(""), FileKind::empty);
  for (const std::string& magic :
       {std::string("\0asm", 4), std::string("!<arch>\n"), std::string("!<thin>\n"),
        std::string("\x7f"
                    "ELF")})
    for (size_t size = 1; size < magic.size(); ++size)
      EXPECT_EQ(kind_of(magic.substr(0, size)), FileKind::truncated) << magic << size;
}

TEST(IdentifyFile, Archives) {
  EXPECT_EQ(kind_of("!<arch>\n"), FileKind::archive);
  EXPECT_EQ(kind_of("!<thin>\n"), FileKind::thin_archive);
}

TEST(IdentifyFile, OthersByMagicNumber) {
  EXPECT_EQ(kind_of(std::string("\xca\xfe\xba\xbe\0\0\0\2", 8)), FileKind::mach_o);
  EXPECT_EQ(kind_of(std::string("\xca\xfe\xba\xbe\0\0\0\x41", 8)), FileKind::unknown);  // Java 21
  EXPECT_EQ(kind_of(std::string("rust\0\0\0\6...", 11)), FileKind::rust_metadata);
  EXPECT_EQ(kind_of("\x1f\x8b\x08"), FileKind::compressed);
  EXPECT_EQ(kind_of("PK\3\4"), FileKind::compressed);
  EXPECT_EQ(kind_of(std::string("\0\0\xff\xff\0\0\x64\x86", 8)), FileKind::coff);
  // x86-64's number alone is not enough.
  EXPECT_EQ(kind_of("\x64\x86\x01"), FileKind::unknown);
  EXPECT_EQ(kind_of(std::string(64, '\xff')), FileKind::unknown);
  EXPECT_EQ(kind_of(std::string(1, '\0')), FileKind::truncated);
}

TEST(IdentifyFile, Text) {
  for (const char* text :
       {"(module)", "  \n(module $x", ";; comment\n (; block\n;) (module", "(func)", "( module)",
        "\xef\xbb\xbf(module)", "(memory 1)", "(component)", "(import \"a\" \"b\" (func))"})
    EXPECT_EQ(kind_of(text), FileKind::wat_text) << text;
  for (const char* text : {"int main() {}", "(defun f ())", ";; only a comment", "(; never ends",
                           "(", "INPUT(a.o)", "caf\xc3\xa9", "\n"})
    EXPECT_EQ(kind_of(text), FileKind::text) << text;
}

TEST(IdentifyFile, WorkIsLinear) {
  // Ten million comments, and five million sections: each takes no longer than its own bytes.
  std::string comments;
  std::string sections = kHeader;
  for (int i = 0; i < 5'000'000; ++i) {
    comments += ";;\n(;;)";
    sections += std::string("\0\1\0", 3);
  }
  EXPECT_EQ(kind_of(comments + "(module)"), FileKind::wat_text);
  EXPECT_EQ(kind_of(sections), FileKind::module);
}

// ---- Files that real tools make -----------------------------------------------------------------

class RealFiles : public testing::Test {
 protected:
  void SetUp() override {
    write_test_file(folder_.file("a.c"), "int f(int x) { return x + 1; }");
    write_test_file(folder_.file("a.wat"), "(module (func (export \"f\")))");
  }

  // Runs `command` in the folder and reads the file it makes.
  std::string make(const std::string& command, const std::string& name) {
    run_or_throw("cd " + folder_.path() + " && " + command);
    return read_test_file(folder_.file(name));
  }

  TempFolder folder_;
};

TEST_F(RealFiles, AreIdentified) {
  const std::string clang = "clang-22 -c a.c -o a.o --target=";
  const struct {
    std::string command;
    FileKind kind;
  } rows[] = {
      {clang + "wasm32", FileKind::object},
      {clang + "wasm64", FileKind::object},
      {"clang-14 -c a.c -o a.o --target=wasm32-wasi", FileKind::object},
      {"wat2wasm -r a.wat -o a.o", FileKind::object},
      {"wat2wasm a.wat -o a.o", FileKind::module},
      {"cp a.wat a.o", FileKind::wat_text},
      {clang + "wasm32 && wasm-ld-22 -r a.o -o b.o && mv b.o a.o", FileKind::object},
      {clang + "wasm32 && wasm-ld-22 --no-entry --export-all a.o -o b.o && mv b.o a.o",
       FileKind::module},
      {clang + "wasm32 -fPIC && wasm-ld-22 -shared --experimental-pic a.o -o b.o && mv b.o a.o",
       FileKind::shared},
      {clang + "x86_64-linux-gnu", FileKind::elf},
      {clang + "aarch64-linux-gnu", FileKind::elf},
      {clang + "x86_64-apple-macos", FileKind::mach_o},
      {clang + "arm64-apple-macos", FileKind::mach_o},
      {clang + "armv7k-apple-watchos", FileKind::mach_o},
      {clang + "arm64-apple-macos && llvm-lipo-22 a.o -create -output b.o && mv b.o a.o",
       FileKind::mach_o},
      {clang + "x86_64-windows-msvc", FileKind::coff},
      {clang + "i686-windows-gnu", FileKind::coff},
      {clang + "aarch64-windows-msvc", FileKind::coff},
      {clang + "armv7-windows-msvc", FileKind::coff},
      {clang + "wasm32 -flto", FileKind::bitcode},
      {clang + "wasm32 -emit-llvm", FileKind::bitcode},
      {clang + "arm64-apple-macos -emit-llvm", FileKind::bitcode},  // with the wrapper header
      {clang + "wasm32 -S", FileKind::text},
      {clang + "wasm32 -S -emit-llvm", FileKind::text},
      {"cp a.c a.o", FileKind::text},
      {"llvm-ar-22 rcs a.o a.c", FileKind::archive},
      {"rm -f a.o && llvm-ar-22 rcsT a.o a.c", FileKind::thin_archive},
      {"gzip -c a.c > a.o", FileKind::compressed},
      {"cp /usr/bin/env a.o", FileKind::elf},
      {": > a.o", FileKind::empty},
  };
  for (const auto& row : rows) {
    const std::string content = make("rm -f a.o && " + row.command, "a.o");
    EXPECT_EQ(kind_of(content), row.kind) << row.command;
  }
}

TEST_F(RealFiles, WrapperHeaderIsTried) {
  // The wrapper's magic number, little endian 0x0b17c0de; if clang stops writing it, the row above
  // says nothing about it any more.
  EXPECT_TRUE(make("clang-22 -c a.c -o a.o --target=arm64-apple-macos -emit-llvm", "a.o")
                  .starts_with("\xde\xc0\x17\x0b"));
}

TEST_F(RealFiles, RustMetadataIsKnownByNameAndContent) {
  EXPECT_TRUE(is_rust_metadata("lib.rmeta"));
  EXPECT_FALSE(is_rust_metadata("lib.rmeta.o"));
  EXPECT_FALSE(is_rust_metadata(""));
  write_test_file(folder_.file("l.rs"), "#![no_std]\npub fn f() {}\n");
  make("/usr/bin/rustc --target wasm32-unknown-unknown --crate-type rlib l.rs -o libl.rlib",
       "libl.rlib");
  EXPECT_EQ(kind_of(make("llvm-ar-22 p libl.rlib lib.rmeta > m", "m")), FileKind::rust_metadata);
}

// ---- Messages -----------------------------------------------------------------------------------

std::string message_for(FileKind kind, std::string_view content, const std::string& member = {}) {
  Location where;
  where.file = member.empty() ? "x.o" : "libx.a";
  where.member = member;
  return render_text(describe_wrong_input(kind, where, as_bytes(content)), false);
}

TEST(DescribeWrongInput, EachKindHasItsOwnMessageAndWayOut) {
  std::vector<std::string> ids;
  for (int i = 0; i <= static_cast<int>(FileKind::unknown); ++i) {
    const auto kind = static_cast<FileKind>(i);
    if (kind == FileKind::object) continue;
    const Diagnostic diagnostic = describe_wrong_input(kind, {});
    EXPECT_EQ(diagnostic.severity, Severity::error);
    EXPECT_FALSE(diagnostic.message.empty());
    EXPECT_FALSE(diagnostic.help.empty()) << diagnostic.message;
    EXPECT_FALSE(file_kind_name(kind).empty());
    ids.push_back(diagnostic.id);
  }
  std::sort(ids.begin(), ids.end());
  // The three native formats share one way out.
  EXPECT_EQ(std::unique(ids.begin(), ids.end()) - ids.begin(),
            static_cast<int>(FileKind::unknown) - 2);
}

TEST(DescribeWrongInput, WordsOfTheCommonOnes) {
  EXPECT_EQ(message_for(FileKind::module, kHeader),
            "wasmpack: error: x.o: this is a finished WebAssembly module, not a WebAssembly object "
            "or an archive [finished-module]\n"
            "  help: a finished module has lost its symbols and relocations: pass the objects or "
            "the archive it "
            "was made from (`clang -c`, `wasmpack link`, `wasm-ld -r`); `wasmpack inspect` shows "
            "what is in it\n");
  std::string elf(
      "\x7f"
      "ELF\2\1\1",
      7);
  elf.resize(64);
  elf[18] = 62;
  EXPECT_EQ(
      message_for(FileKind::elf, elf, "y.o"),
      "wasmpack: error: libx.a(y.o): this is an ELF file for x86-64, not a WebAssembly object "
      "[native-object]\n"
      "  help: compile it for WebAssembly: `clang --target=wasm32 -c`, `cargo build --target "
      "wasm32-unknown-unknown`\n");
  elf[5] = 2;  // big endian
  elf[18] = 0;
  elf[19] = 22;
  EXPECT_NE(message_for(FileKind::elf, elf).find("an ELF file for s390x,"), std::string::npos);
  EXPECT_NE(message_for(FileKind::elf,
                        "\x7f"
                        "ELF")
                .find("an ELF file,"),
            std::string::npos);
  EXPECT_EQ(message_for(FileKind::empty, ""),
            "wasmpack: error: x.o: this file is empty [empty-file]\n"
            "  help: a compiler that failed, or one that still writes, leaves such a file: make it "
            "again\n");
  EXPECT_NE(message_for(FileKind::old_wasm_version, std::string("\0asm\x0c\0\0\0", 8))
                .find("(version 12, not 1)"),
            std::string::npos);
  EXPECT_NE(message_for(FileKind::unknown, "\xff\xfe").find("(it begins with ff fe)"),
            std::string::npos);
  EXPECT_NE(message_for(FileKind::bitcode, "").find("without -flto"), std::string::npos);
  EXPECT_NE(message_for(FileKind::wat_text, "").find("wat2wasm -r"), std::string::npos);
}

TEST(DescribeWrongInput, TruncatedFilesSayWhere) {
  // The second section begins at 8 + 6.
  EXPECT_EQ(message_for(FileKind::truncated, kHeader + custom("abc") + std::string("\0\x7f", 2)),
            "wasmpack: error: x.o, offset 0xe: this file is truncated: a section is longer than "
            "what is left of it [truncated-file]\n"
            "  help: it was not copied or written to its end: make or fetch it again\n");
  EXPECT_NE(message_for(FileKind::truncated, std::string("\0as", 3))
                .find("ends inside its header, after 3 bytes"),
            std::string::npos);
  EXPECT_NE(message_for(FileKind::truncated, "!<arch>").find("after 7 bytes"), std::string::npos);
}

}  // namespace
}  // namespace wasmpack
