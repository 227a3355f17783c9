#include "packager/registry.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "object/write.h"
#include "packager/perfect_hash.h"
#include "packager/signature.h"
#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr uint32_t kAbiVersion = 1;
constexpr uint32_t kAbiPlainC = 0;  // "abi" of a kernel that has its own wasm type

// Sizes of the structures of runtime/bundle.h, whose pointers have 4 bytes.
constexpr uint32_t kBundleBytes = 48;
constexpr uint32_t kKernelBytes = 24;
constexpr uint32_t kLibraryBytes = 16;
constexpr uint32_t kPrivateBytes = 28;

// Symbol numbers: the two data symbols, the table, then one for each kernel.
enum : uint32_t { kBundle, kPrivate, kTable, kFirstKernel };

constexpr uint8_t kTableIndexI32 = 2;  // R_WASM_TABLE_INDEX_I32
constexpr uint8_t kMemoryAddrI32 = 5;  // R_WASM_MEMORY_ADDR_I32
constexpr uint8_t kFuncref[] = {0x70};
constexpr uint8_t kOffsetZero[] = {0x41, 0x00, 0x0b};  // i32.const 0, end

// Linking.md: version and subsections of `linking`.
constexpr uint32_t kLinkingVersion = 2;
constexpr uint8_t kSegmentInfoSubsection = 5;
constexpr uint8_t kSymbolTableSubsection = 8;
constexpr uint32_t kDataSection = 2;  // type, import, data

// Where the parts of the one data segment lie: structures and arrays first, then the texts.
struct Layout {
  uint32_t private_at, kernels_at, libraries_at, displacements_at, slots_at, texts_at;

  Layout(const RegistryInput& input, const PerfectHash& hash) {
    const auto size_of = [](size_t count, uint32_t bytes) {
      return static_cast<uint32_t>(count) * bytes;
    };
    private_at = kBundleBytes;
    kernels_at = private_at + kPrivateBytes;
    libraries_at = kernels_at + size_of(input.kernels.size(), kKernelBytes);
    displacements_at = libraries_at + size_of(input.libraries.size(), kLibraryBytes);
    slots_at = displacements_at + size_of(hash.displacements.size(), 4);
    texts_at = slots_at + size_of(hash.slots.size(), 4);
  }
};

// The segment's content and its relocations, whose offsets count from the segment's start.
class RegistryData {
 public:
  RegistryData(const RegistryInput& input, const PerfectHash& hash) : layout_(input, hash) {
    write_bundle(input);
    write_private(input, hash);
    for (uint32_t i = 0; i < input.kernels.size(); ++i) write_kernel(*input.kernels[i], i);
    for (const RegistryLibrary& library : input.libraries) {
      write_text_with_length(library.name);
      write_text_with_length(library.prefix);
    }
    for (const uint32_t displacement : hash.displacements) write_word(displacement);
    for (const uint32_t slot : hash.slots) write_word(slot);
    out_.write_bytes(texts_.bytes());
  }

  const Layout& layout() const { return layout_; }
  Bytes bytes() const { return out_.bytes(); }
  const std::vector<Relocation>& relocations() const { return relocations_; }

 private:
  void write_bundle(const RegistryInput& input) {
    write_word(kAbiVersion);
    write_word(kBundleBytes);
    write_text_with_length(input.name);
    write_text_with_length(input.release);
    write_word(static_cast<uint32_t>(input.kernels.size()));
    write_pointer(layout_.kernels_at);
    write_word(static_cast<uint32_t>(input.libraries.size()));
    write_pointer(layout_.libraries_at);
    write_word(0);  // param_count
    write_word(0);  // params
  }

  void write_private(const RegistryInput& input, const PerfectHash& hash) {
    size_t longest_name = 0;
    for (const Kernel* kernel : input.kernels)
      longest_name = std::max(longest_name, kernel->name.size());
    write_word(hash.seed);
    write_word(static_cast<uint32_t>(hash.displacements.size()));
    write_pointer(layout_.displacements_at);
    write_word(static_cast<uint32_t>(hash.slots.size()));
    write_pointer(layout_.slots_at);
    write_word(static_cast<uint32_t>(longest_name));
    write_word(input.imports_functions ? 1 : 0);
  }

  void write_kernel(const Kernel& kernel, uint32_t number) {
    write_text_with_length(kernel.name);
    write_relocated({.kind = kTableIndexI32, .index = kFirstKernel + number});
    write_word(kAbiPlainC);
    write_text(kernel.signature);
    write_word(kernel.library);
  }

  void write_word(uint32_t value) { out_.write_u32_le(value); }
  void write_relocated(Relocation relocation) {
    relocation.offset = static_cast<uint32_t>(out_.size());
    relocations_.push_back(relocation);
    write_word(0);
  }
  // The address of `offset` in this segment: kBundle lies at its start.
  void write_pointer(uint32_t offset) {
    write_relocated({.kind = kMemoryAddrI32, .index = kBundle, .addend = offset});
  }
  // A pointer to `text`, which is stored once however often it is asked for, with a NUL behind it.
  void write_text(std::string_view text) {
    const auto end = layout_.texts_at + static_cast<uint32_t>(texts_.size());
    const auto [at, is_new] = stored_.try_emplace(text, end);
    if (is_new) {
      texts_.write_bytes(as_bytes(text));
      texts_.write_u8(0);
    }
    write_pointer(at->second);
  }
  void write_text_with_length(std::string_view text) {
    write_text(text);
    write_word(static_cast<uint32_t>(text.size()));
  }

  Layout layout_;
  ByteWriter out_;
  ByteWriter texts_;
  std::vector<Relocation> relocations_;
  std::unordered_map<std::string_view, uint32_t> stored_;  // text -> its place in the segment
};

// Encodes the object around the data.
class RegistryObject {
 public:
  RegistryObject(const RegistryInput& input, const RegistryData& data)
      : input_(input), data_(data) {}

  std::vector<uint8_t> write() {
    write_types_and_imports();
    write_data();
    write_linking();
    write_relocations();
    return out_.take();
  }

 private:
  void append(SectionId id, size_t count, const ByteWriter& entries) {
    ByteWriter content;
    content.write_varuint(count);
    content.write_bytes(entries.bytes());
    append_section(out_, id, content.bytes());
  }

  void write_types_and_imports() {
    ByteWriter types, imports;
    std::unordered_map<std::string_view, uint32_t> type_numbers;  // by signature
    Import memory = {.module = "env", .field = "__linear_memory", .kind = ExternKind::memory};
    Import table = {
        .module = "env", .field = "__indirect_function_table", .kind = ExternKind::table};
    table.table.element_type = kFuncref;
    encode_import(imports, memory);
    encode_import(imports, table);
    for (const Kernel* kernel : input_.kernels) {
      const auto number = static_cast<uint32_t>(type_numbers.size());
      const auto [type, is_new] = type_numbers.try_emplace(kernel->signature, number);
      if (is_new) write_type(types, kernel->signature);
      encode_import(imports, {.module = "env",
                              .field = kernel->name,
                              .kind = ExternKind::function,
                              .type_index = type->second});
    }
    append(SectionId::type, type_numbers.size(), types);
    append(SectionId::import, input_.kernels.size() + 2, imports);
  }

  static void write_type(ByteWriter& out, std::string_view signature) {
    ByteWriter params, results;
    const size_t colon = signature.find(':');
    for (const char letter : signature.substr(0, colon)) params.write_u8(value_type_code(letter));
    for (const char letter : signature.substr(colon + 1)) results.write_u8(value_type_code(letter));
    encode_func_type(out, {.params = params.bytes(), .results = results.bytes()});
  }

  void write_data() {
    ByteWriter entry;
    entry.write_u8(0);  // active, memory 0
    entry.write_bytes(kOffsetZero);
    entry.write_varuint(data_.bytes().size());
    segment_offset_ = static_cast<uint32_t>(1 + entry.size());  // 1: the count of segments
    entry.write_bytes(data_.bytes());
    append(SectionId::data, 1, entry);
  }

  void write_linking() {
    ByteWriter segment;
    segment.write_name(".rodata.wasmpack_registry");
    segment.write_varuint(3);  // aligned to 8
    segment.write_varuint(0);

    ByteWriter symbols;
    const auto write_data_symbol = [&](std::string_view name, uint32_t offset, uint32_t size) {
      encode_symbol(symbols, {.name = name,
                              .offset = offset,
                              .size = size,
                              .flags = kSymbolHidden,
                              .kind = SymbolKind::data});
    };
    write_data_symbol(kBundleSymbol, 0, kBundleBytes);
    write_data_symbol(kPrivateSymbol, data_.layout().private_at, kPrivateBytes);
    encode_symbol(symbols, {.flags = kSymbolUndefined | kSymbolNoStrip, .kind = SymbolKind::table});
    for (uint32_t i = 0; i < input_.kernels.size(); ++i) {
      encode_symbol(symbols, {.index = i, .flags = kSymbolUndefined, .kind = SymbolKind::function});
    }

    ByteWriter linking;
    linking.write_varuint(kLinkingVersion);
    append_subsection(linking, kSegmentInfoSubsection, 1, segment);
    append_subsection(linking, kSymbolTableSubsection, kFirstKernel + input_.kernels.size(),
                      symbols);
    append_custom_section(out_, "linking", linking.bytes());
  }

  static void append_subsection(ByteWriter& out, uint8_t type, size_t count,
                                const ByteWriter& entries) {
    ByteWriter payload;
    payload.write_varuint(count);
    payload.write_bytes(entries.bytes());
    out.write_u8(type);
    out.write_sized(payload.bytes());
  }

  void write_relocations() {
    ByteWriter entries;
    entries.write_varuint(kDataSection);
    entries.write_varuint(data_.relocations().size());
    for (Relocation relocation : data_.relocations()) {
      relocation.offset += segment_offset_;
      encode_relocation(entries, relocation);
    }
    append_custom_section(out_, "reloc.DATA", entries.bytes());
  }

  const RegistryInput& input_;
  const RegistryData& data_;
  ByteWriter out_ = start();
  uint32_t segment_offset_ = 0;

  static ByteWriter start() {
    ByteWriter out;
    out.write_bytes(kWasmHeader);
    return out;
  }
};

}  // namespace

Result<std::vector<uint8_t>> make_registry_object(const RegistryInput& input) {
  std::vector<std::string_view> names;
  for (const Kernel* kernel : input.kernels) names.push_back(kernel->name);
  const std::optional<PerfectHash> hash = make_perfect_hash(names);
  if (!hash) return fail("registry", {}, "no lookup table could be made for the kernels' names");
  return RegistryObject(input, RegistryData(input, *hash)).write();
}

}  // namespace wasmpack
