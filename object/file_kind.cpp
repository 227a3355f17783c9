#include "object/file_kind.h"

#include <algorithm>
#include <string>

#include "object/archive.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

bool starts_with(Bytes bytes, std::string_view magic) {
  return as_string(bytes).starts_with(magic);
}

// A file that is shorter than the magic number it begins like.
bool is_cut_off(Bytes bytes, std::string_view magic) {
  return bytes.size() < magic.size() && magic.starts_with(as_string(bytes));
}

constexpr std::string_view kWasmMagic("\0asm", 4);
constexpr size_t kWasmHeaderSize = 8;

struct Magic {
  std::string_view bytes;
  FileKind kind;
};

constexpr Magic kMagics[] = {
    {"\x7f"
     "ELF",
     FileKind::elf},
    {"\xfe\xed\xfa\xce", FileKind::mach_o},
    {"\xfe\xed\xfa\xcf", FileKind::mach_o},
    {"\xce\xfa\xed\xfe", FileKind::mach_o},
    {"\xcf\xfa\xed\xfe", FileKind::mach_o},
    {"BC\xc0\xde", FileKind::bitcode},
    {"\xde\xc0\x17\x0b", FileKind::bitcode},  // wrapper header
    {{"rust\0\0\0", 7}, FileKind::rust_metadata},
    {"\x1f\x8b", FileKind::compressed},            // gzip
    {"PK\x03\x04", FileKind::compressed},          // zip
    {{"\xfd\x37zXZ\0", 6}, FileKind::compressed},  // xz
    {"\x28\xb5\x2f\xfd", FileKind::compressed},    // zstd
    {"BZh", FileKind::compressed},                 // bzip2
    {"MZ", FileKind::coff},                        // PE image
    {{"\0\0\xff\xff", 4}, FileKind::coff},         // import object, /bigobj
};

// COFF objects have no magic number but the machine they are for.
struct Machine {
  uint16_t id;
  std::string_view name;
};
constexpr Machine kCoffMachines[] = {
    {0x014c, "x86"}, {0x8664, "x86-64"}, {0x01c4, "ARM"}, {0xaa64, "ARM64"}, {0xa641, "ARM64EC"}};
constexpr Machine kElfMachines[] = {{3, "x86"},        {8, "MIPS"},       {20, "PowerPC"},
                                    {21, "PowerPC64"}, {22, "s390x"},     {40, "ARM"},
                                    {62, "x86-64"},    {183, "AArch64"},  {243, "RISC-V"},
                                    {247, "BPF"},      {258, "LoongArch"}};

template <size_t kCount>
std::string_view find_machine(const Machine (&machines)[kCount], uint64_t id) {
  for (const Machine& machine : machines)
    if (machine.id == id) return machine.name;
  return {};
}

uint64_t integer_at(Bytes bytes, size_t at, unsigned width, bool big_endian = false) {
  uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i)
    value |= static_cast<uint64_t>(bytes[at + i]) << 8 * (big_endian ? width - 1 - i : i);
  return value;
}

bool is_coff_object(Bytes bytes) {
  constexpr size_t kCoffHeaderSize = 20;
  if (bytes.size() < kCoffHeaderSize) return false;
  // An object has no optional header; its symbol table lies inside the file.
  return !find_machine(kCoffMachines, integer_at(bytes, 0, 2)).empty() &&
         integer_at(bytes, 16, 2) == 0 && integer_at(bytes, 8, 4) <= bytes.size();
}

// 0xcafebabe also begins Java classes, whose next number is a version of 45 or more; a universal
// binary has a handful of architectures.
bool is_mach_o_universal(Bytes bytes) {
  return bytes.size() >= 8 && starts_with(bytes, "\xca\xfe\xba\xbe") &&
         integer_at(bytes, 4, 4, true) < 40;
}

// Kind of a wasm module of version 1, and where it ends too early if it does.
struct ModuleWalk {
  FileKind kind = FileKind::module;
  uint64_t bad_section = 0;  // truncated: offset of the section that does not fit
};

ModuleWalk walk_module(Bytes bytes) {
  constexpr uint8_t kCustomSection = 0;
  Cursor cursor(bytes.subspan(kWasmHeaderSize), kWasmHeaderSize);
  ModuleWalk walk;
  while (!cursor.at_end()) {
    const uint64_t start = cursor.offset();
    const uint8_t id = cursor.read_u8();
    const Bytes content = cursor.read_bytes(cursor.read_varuint32());
    if (!cursor.ok()) {
      walk.kind = FileKind::truncated;
      walk.bad_section = start;
      return walk;
    }
    if (id != kCustomSection) continue;
    const std::string_view name = Cursor(content).read_name();
    if (name == "linking") {
      walk.kind = FileKind::object;
      return walk;
    }
    if (name == "dylink.0" || name == "dylink") walk.kind = FileKind::shared;
  }
  return walk;
}

FileKind identify_wasm(Bytes bytes) {
  if (bytes.size() < kWasmHeaderSize) return FileKind::truncated;
  const uint64_t version = integer_at(bytes, 4, 2);
  const uint64_t layer = integer_at(bytes, 6, 2);
  if (layer == 1) return FileKind::component;
  if (version != 1 || layer != 0) return FileKind::old_wasm_version;
  return walk_module(bytes).kind;
}

// Whether `text` is a list in WebAssembly text: "(module ...", or its fields alone. Comments may
// come first.
bool is_wat(std::string_view text) {
  for (;;) {
    const size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return false;
    text.remove_prefix(start);
    if (text.starts_with(";;")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("(;")) {
      const size_t end = text.find(";)");
      if (end == std::string_view::npos) return false;
      text.remove_prefix(end + 2);
    } else {
      break;
    }
  }
  if (!text.starts_with('(')) return false;
  text.remove_prefix(1);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n();\"$"));
  constexpr std::string_view kFields[] = {"module", "component", "type",   "rec", "import",
                                          "func",   "table",     "memory", "tag", "global",
                                          "export", "start",     "elem",   "data"};
  return std::find(std::begin(kFields), std::end(kFields), word) != std::end(kFields);
}

// Judged by the beginning: no control character but white space, and at least half of it ASCII.
bool is_text(Bytes bytes) {
  const Bytes head = bytes.first(std::min<size_t>(bytes.size(), 512));
  size_t ascii = 0;
  for (const uint8_t byte : head) {
    const bool is_space = byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
    if ((byte < 0x20 && !is_space) || byte == 0x7f) return false;
    ascii += byte < 0x80;
  }
  return 2 * ascii >= head.size();
}

std::string hex_bytes(Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    if (!out.empty()) out += ' ';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

// " for x86-64", or nothing where the machine is not known.
std::string target_phrase(FileKind kind, Bytes bytes) {
  std::string_view machine;
  if (kind == FileKind::elf && bytes.size() >= 20)
    machine = find_machine(kElfMachines, integer_at(bytes, 18, 2, bytes[5] == 2));
  if (kind == FileKind::coff && is_coff_object(bytes))
    machine = find_machine(kCoffMachines, integer_at(bytes, 0, 2));
  return machine.empty() ? std::string() : " for " + std::string(machine);
}

// What follows "this is": the kind and what `bytes` tell about it.
std::string describe_kind(FileKind kind, Bytes bytes) {
  std::string text(file_kind_name(kind));
  switch (kind) {
    case FileKind::elf:
    case FileKind::coff:
      return text + target_phrase(kind, bytes);
    case FileKind::old_wasm_version:
      if (bytes.size() >= kWasmHeaderSize)
        text += " (version " + std::to_string(integer_at(bytes, 4, 4)) + ", not 1)";
      return text;
    case FileKind::unknown:
      if (!bytes.empty())
        text += " (it begins with " +
                hex_bytes(bytes.first(std::min<size_t>(bytes.size(), kWasmHeaderSize))) + ")";
      return text;
    default:
      return text;
  }
}

struct WrongInput {
  const char* id;
  const char* help;
};

// The way out for each kind.
WrongInput wrong_input(FileKind kind) {
  switch (kind) {
    case FileKind::thin_archive:
      return {
          "thin-archive",
          "make it again with `ar` without the `T` modifier (and without `--thin`), or pass the "
          "members themselves"};
    case FileKind::module:
      return {"finished-module",
              "a finished module has lost its symbols and relocations: pass the objects or the "
              "archive it was made from (`clang -c`, `wasmpack link`, `wasm-ld -r`); `wasmpack "
              "inspect` shows what is in it"};
    case FileKind::shared:
      return {"shared-library",
              "pass the objects or the archive the library was made from, compiled with `clang -c` "
              "and not linked with -shared; `wasmpack inspect` shows what is in it"};
    case FileKind::component:
      return {"component",
              "pass the core objects (`clang -c`, `wasmpack link`) that its core module was made "
              "from"};
    case FileKind::old_wasm_version:
      return {"wasm-version", "compile it again with a current compiler"};
    case FileKind::truncated:
      return {"truncated-file", "it was not copied or written to its end: make or fetch it again"};
    case FileKind::empty:
      return {
          "empty-file",
          "a compiler that failed, or one that still writes, leaves such a file: make it again"};
    case FileKind::elf:
    case FileKind::mach_o:
    case FileKind::coff:
      return {"native-object",
              "compile it for WebAssembly: `clang --target=wasm32 -c`, `cargo build --target "
              "wasm32-unknown-unknown`"};
    case FileKind::bitcode:
      return {"bitcode",
              "compile it to an object: without -flto and -emit-llvm (`clang --target=wasm32 -c`), "
              "with `-C lto=off` in Rust"};
    case FileKind::wat_text:
      return {"wat-text",
              "assemble it to an object: LLVM assembly with `clang --target=wasm32 -c FILE.s`; "
              "`wat2wasm -r` does it for functions without data and tables"};
    case FileKind::rust_metadata:
      return {"rust-metadata", "pass the whole .rlib, or the objects in it"};
    case FileKind::compressed:
      return {"compressed-file", "unpack it first"};
    case FileKind::text:
      return {"text-file", "compile sources first: `clang --target=wasm32 -c`"};
    case FileKind::archive:  // only wrong as a member of another one
      return {"nested-archive", "unpack it with `ar x` and pass it as an input of its own"};
    case FileKind::object:
    case FileKind::unknown:
      break;
  }
  return {"unknown-file", "pass objects (`clang --target=wasm32 -c`) and archives of them"};
}

}  // namespace

FileKind identify_file(Bytes bytes) {
  if (bytes.empty()) return FileKind::empty;
  if (starts_with(bytes, kWasmMagic)) return identify_wasm(bytes);
  if (is_archive(bytes)) return FileKind::archive;
  if (is_thin_archive(bytes)) return FileKind::thin_archive;
  for (const Magic& magic : kMagics)
    if (starts_with(bytes, magic.bytes)) return magic.kind;
  if (is_mach_o_universal(bytes)) return FileKind::mach_o;
  if (is_coff_object(bytes)) return FileKind::coff;
  for (const std::string_view magic :
       {kWasmMagic, std::string_view("!<arch>\n"), std::string_view("!<thin>\n"), kMagics[0].bytes})
    if (is_cut_off(bytes, magic)) return FileKind::truncated;

  std::string_view text = as_string(bytes);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (is_wat(text)) return FileKind::wat_text;
  return is_text(bytes) ? FileKind::text : FileKind::unknown;
}

std::string_view file_kind_name(FileKind kind) {
  switch (kind) {
    case FileKind::object:
      return "a WebAssembly object";
    case FileKind::archive:
      return "an archive";
    case FileKind::thin_archive:
      return "a thin archive, which names its members but does not hold them";
    case FileKind::module:
      return "a finished WebAssembly module";
    case FileKind::shared:
      return "a WebAssembly shared library (a finished module)";
    case FileKind::component:
      return "a WebAssembly component";
    case FileKind::old_wasm_version:
      return "a WebAssembly module of an unknown version";
    case FileKind::truncated:
      return "a truncated file";
    case FileKind::empty:
      return "an empty file";
    case FileKind::elf:
      return "an ELF file";
    case FileKind::mach_o:
      return "a Mach-O file";
    case FileKind::coff:
      return "a COFF file";
    case FileKind::bitcode:
      return "LLVM bitcode";
    case FileKind::wat_text:
      return "WebAssembly text";
    case FileKind::rust_metadata:
      return "the metadata of a Rust crate";
    case FileKind::compressed:
      return "a compressed file";
    case FileKind::text:
      return "a text file";
    case FileKind::unknown:
      return "a file of an unknown kind";
  }
  return "a file of an unknown kind";
}

Diagnostic describe_wrong_input(FileKind kind, Location where, Bytes bytes) {
  const WrongInput wrong = wrong_input(kind);
  Diagnostic diagnostic;
  diagnostic.id = wrong.id;
  diagnostic.where = std::move(where);
  diagnostic.message = "this is " + describe_kind(kind, bytes) + ", not a WebAssembly object";
  // A member may be of any kind but an archive.
  if (diagnostic.where.member.empty()) diagnostic.message += " or an archive";
  diagnostic.help = wrong.help;
  if (kind == FileKind::truncated && bytes.size() > kWasmHeaderSize &&
      starts_with(bytes, kWasmMagic)) {
    diagnostic.message = "this file is truncated: a section is longer than what is left of it";
    diagnostic.where.offset = walk_module(bytes).bad_section;
  } else if (kind == FileKind::truncated) {
    diagnostic.message = "this file is truncated: it ends inside its header, after " +
                         std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
  } else if (kind == FileKind::empty) {
    diagnostic.message = "this file is empty";
  }
  return diagnostic;
}

bool is_rust_metadata(std::string_view member_name) {
  // The second is what compilers before 2021 wrote.
  return member_name == "lib.rmeta" || member_name == "rust.metadata.bin";
}

}  // namespace wasmpack
