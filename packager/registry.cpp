#include "packager/registry.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "object/object_assembler.h"
#include "packager/perfect_hash.h"
#include "packager/signature.h"
#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr uint32_t kAbiVersion = 1;

// Sizes of the structures of runtime/bundle.h, whose pointers have 4 bytes.
constexpr uint32_t kBundleBytes = 48;
constexpr uint32_t kKernelBytes = 24;
constexpr uint32_t kLibraryBytes = 16;
constexpr uint32_t kParamBytes = 28;
constexpr uint32_t kPrivateBytes = 28;

constexpr uint32_t kSegmentAlignment = 3;  // 8 bytes: shapes are uint64_t

// Where the parts of the one data segment lie: structures and arrays first, then the texts.
struct Layout {
  uint32_t shapes_at, private_at, kernels_at, libraries_at, params_at, displacements_at, slots_at,
      texts_at;

  Layout(const RegistryInput& input, const PerfectHash& hash) {
    const auto size_of = [](size_t count, uint32_t bytes) {
      return static_cast<uint32_t>(count) * bytes;
    };
    size_t sizes = 0;
    for (const RegistryParam& param : input.params) sizes += param.shape.size();
    shapes_at = kBundleBytes;
    private_at = shapes_at + size_of(sizes, 8);
    kernels_at = private_at + kPrivateBytes;
    libraries_at = kernels_at + size_of(input.kernels.size(), kKernelBytes);
    params_at = libraries_at + size_of(input.libraries.size(), kLibraryBytes);
    displacements_at = params_at + size_of(input.params.size(), kParamBytes);
    slots_at = displacements_at + size_of(hash.displacements.size(), 4);
    texts_at = slots_at + size_of(hash.slots.size(), 4);
  }
};

// Symbol numbers of the object: the two data symbols, one for each kernel, one for each param that
// has one, and the table.
struct Symbols {
  uint32_t bundle = 0;
  std::vector<uint32_t> kernels;
  std::vector<uint32_t> params;  // 0 for external ones: that is the bundle itself
};

// The segment's content and its relocations, whose offsets count from the segment's start.
class RegistryData {
 public:
  RegistryData(const RegistryInput& input, const PerfectHash& hash, const Symbols& symbols)
      : symbols_(symbols), layout_(input, hash) {
    write_bundle(input);
    for (const RegistryParam& param : input.params) {
      for (const uint64_t size : param.shape) {
        write_word(static_cast<uint32_t>(size));
        write_word(static_cast<uint32_t>(size >> 32));
      }
    }
    write_private(input, hash);
    for (uint32_t i = 0; i < input.kernels.size(); ++i) write_kernel(*input.kernels[i], i);
    for (const RegistryLibrary& library : input.libraries) {
      write_text_with_length(library.name);
      write_text_with_length(library.prefix);
    }
    write_params(input.params);
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
    write_array(input.kernels.size(), layout_.kernels_at);
    write_array(input.libraries.size(), layout_.libraries_at);
    write_array(input.params.size(), layout_.params_at);
  }

  void write_private(const RegistryInput& input, const PerfectHash& hash) {
    size_t longest_name = 0;
    for (const Kernel* kernel : input.kernels)
      longest_name = std::max(longest_name, kernel->name.size());
    write_word(hash.seed);
    write_array(hash.displacements.size(), layout_.displacements_at);
    write_array(hash.slots.size(), layout_.slots_at);
    write_word(static_cast<uint32_t>(longest_name));
    write_word(input.imports_functions ? 1 : 0);
  }

  void write_kernel(const Kernel& kernel, uint32_t number) {
    write_text_with_length(kernel.name);
    write_relocated({.kind = kTableIndexI32, .index = symbols_.kernels[number]});
    write_word(static_cast<uint32_t>(kernel.abi));
    write_text(kernel.signature);
    write_word(kernel.library);
  }

  void write_params(std::span<const RegistryParam> params) {
    uint32_t shape_at = layout_.shapes_at;
    for (size_t i = 0; i < params.size(); ++i) {
      const RegistryParam& param = params[i];
      write_text_with_length(param.name);
      if (param.symbol.empty())
        write_word(0);
      else
        write_relocated({.kind = kMemoryAddrI32, .index = symbols_.params[i]});
      write_word(param.bytes);
      write_word(param.data_type);
      write_array(param.shape.size(), shape_at);
      shape_at += 8 * static_cast<uint32_t>(param.shape.size());
    }
  }

  void write_word(uint32_t value) { out_.write_u32_le(value); }
  void write_relocated(Relocation relocation) {
    relocation.offset = static_cast<uint32_t>(out_.size());
    relocations_.push_back(relocation);
    write_word(0);
  }
  // The address of `offset` in this segment: the bundle's struct lies at its start.
  void write_pointer(uint32_t offset) {
    write_relocated({.kind = kMemoryAddrI32, .index = symbols_.bundle, .addend = offset});
  }
  void write_array(size_t count, uint32_t offset) {
    write_word(static_cast<uint32_t>(count));
    write_pointer(offset);
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

  const Symbols& symbols_;
  Layout layout_;
  ByteWriter out_;
  ByteWriter texts_;
  std::vector<Relocation> relocations_;
  std::unordered_map<std::string_view, uint32_t> stored_;  // text -> its place in the segment
};

std::vector<uint8_t> build_object(const RegistryInput& input, const PerfectHash& hash) {
  ObjectAssembler assembler;
  Symbols symbols;
  const Layout layout(input, hash);
  // The only segment gets number 0.
  symbols.bundle = assembler.define_data(kBundleSymbol, 0, 0, kBundleBytes, kSymbolHidden);
  assembler.define_data(kPrivateSymbol, 0, layout.private_at, kPrivateBytes, kSymbolHidden);
  assembler.import_table();
  for (const Kernel* kernel : input.kernels) {
    const EncodedType type(kernel->signature);
    symbols.kernels.push_back(
        assembler.import_function(kernel->name, assembler.add_type(type.view())));
  }
  for (const RegistryParam& param : input.params)
    symbols.params.push_back(param.symbol.empty() ? 0 : assembler.import_data(param.symbol));
  const RegistryData data(input, hash, symbols);
  assembler.add_segment(".rodata.wasmpack_registry", kSegmentAlignment, data.bytes(),
                        data.relocations());
  return assembler.write();
}

}  // namespace

Result<std::vector<uint8_t>> make_registry_object(const RegistryInput& input) {
  std::vector<std::string_view> names;
  for (const Kernel* kernel : input.kernels) names.push_back(kernel->name);
  const std::optional<PerfectHash> hash = make_perfect_hash(names);
  if (!hash) return fail("registry", {}, "no lookup table could be made for the kernels' names");
  return build_object(input, *hash);
}

}  // namespace wasmpack
