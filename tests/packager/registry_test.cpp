// The registry object, read back as a host would read memory: docs/bundle-abi.md by hand, no code
// shared with the writer.
#include "packager/registry.h"

#include <cstring>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "object/read.h"
#include "object/relocation_reader.h"
#include "object/verify.h"
#include "packager/perfect_hash.h"

namespace wasmpack {
namespace {

constexpr uint32_t kBase = 4096;   // where this "linker" puts the segment
constexpr uint32_t kSlots = 1000;  // the slot of symbol n is kSlots + n

Kernel make_kernel(const char* name, const char* signature, uint32_t library) {
  Kernel kernel;
  kernel.name = name;
  kernel.signature = signature;
  kernel.library = library;
  return kernel;
}

// A one-segment "final link" of the registry object.
class Linked {
 public:
  explicit Linked(const RegistryInput& input) {
    Result<std::vector<uint8_t>> bytes = make_registry_object(input);
    EXPECT_TRUE(bytes.has_value());
    bytes_ = std::move(*bytes);
    Result<Object> object = read_object(bytes_, "registry");
    EXPECT_TRUE(object.has_value());
    object_ = std::move(*object);
    const auto verified = verify_object(object_);
    EXPECT_TRUE(verified.has_value()) << (verified ? "" : verified.error().message);
    const DataSegment& segment = object_.data.at(0);
    EXPECT_GE(segment.alignment_log2, 3u);
    memory_.assign(segment.content.begin(), segment.content.end());
    Cursor cursor(object_.relocations.at(0).entries);
    for (uint32_t i = 0; i < object_.relocations.at(0).count; ++i) {
      const Relocation relocation = read_relocation(cursor);
      const Symbol& symbol = object_.symbols.at(relocation.index);
      const uint32_t value = relocation.kind == 2  // R_WASM_TABLE_INDEX_I32
                                 ? kSlots + relocation.index
                                 : kBase + static_cast<uint32_t>(symbol.offset) +
                                       static_cast<uint32_t>(relocation.addend);
      std::memcpy(&memory_.at(relocation.offset - segment.offset), &value, sizeof value);
    }
  }

  uint32_t word(uint32_t address) const {
    EXPECT_EQ(address % 4, 0u);
    uint32_t value = 0;
    std::memcpy(&value, &memory_.at(address - kBase), sizeof value);
    EXPECT_LE(address - kBase + 4, memory_.size());
    return value;
  }
  // The text at (pointer, length), which must have a NUL behind it.
  std::string text(uint32_t pointer_at) const {
    const uint32_t at = word(pointer_at) - kBase;
    const uint32_t length = word(pointer_at + 4);
    EXPECT_EQ(memory_.at(at + length), 0);
    return {reinterpret_cast<const char*>(&memory_.at(at)), length};
  }
  std::string c_string(uint32_t pointer_at) const {
    return reinterpret_cast<const char*>(&memory_.at(word(pointer_at) - kBase));
  }
  uint32_t address_of(std::string_view name) const {
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.name == name) return kBase + static_cast<uint32_t>(symbol.offset);
    }
    ADD_FAILURE() << "no symbol " << name;
    return 0;
  }
  // The function symbol behind a table slot.
  std::string_view function_in(uint32_t slot) const {
    return object_.symbols.at(slot - kSlots).name;
  }
  const Object& object() const { return object_; }
  size_t size() const { return memory_.size(); }

 private:
  std::vector<uint8_t> bytes_;
  Object object_;
  std::vector<uint8_t> memory_;
};

TEST(Registry, HasTheLayoutOfTheContract) {
  const Kernel kernels[] = {make_kernel("a_add", "ii:i", 1), make_kernel("b", ":", 0),
                            make_kernel("b_simd", "vIFf:v", 0)};
  RegistryInput input;
  input.name = "vision";
  input.release = "1.2.0";
  input.libraries = {{"first", "b"}, {"second", "a_"}};
  for (const Kernel& kernel : kernels) input.kernels.push_back(&kernel);
  const Linked linked(input);

  // struct wasmpack_bundle: offsets as the contract prints them.
  const uint32_t bundle = linked.address_of("__wasmpack_bundle");
  EXPECT_EQ(linked.word(bundle + 0), 1u);   // version
  EXPECT_EQ(linked.word(bundle + 4), 48u);  // size
  EXPECT_EQ(linked.text(bundle + 8), "vision");
  EXPECT_EQ(linked.text(bundle + 16), "1.2.0");
  EXPECT_EQ(linked.word(bundle + 24), 3u);
  EXPECT_EQ(linked.word(bundle + 32), 2u);
  EXPECT_EQ(linked.word(bundle + 40), 0u);  // no params
  // struct wasmpack_kernel, 24 bytes each.
  const uint32_t first = linked.word(bundle + 28);
  for (uint32_t i = 0; i < 3; ++i) {
    const uint32_t kernel = first + 24 * i;
    EXPECT_EQ(linked.text(kernel), kernels[i].name);
    EXPECT_EQ(linked.function_in(linked.word(kernel + 8)), kernels[i].name);
    EXPECT_EQ(linked.word(kernel + 12), 0u);  // abi: plain C
    EXPECT_EQ(linked.c_string(kernel + 16), kernels[i].signature);
    EXPECT_EQ(linked.word(kernel + 20), kernels[i].library);
  }
  // struct wasmpack_library, 16 bytes each.
  const uint32_t libraries = linked.word(bundle + 36);
  EXPECT_EQ(linked.text(libraries), "first");
  EXPECT_EQ(linked.text(libraries + 8), "b");
  EXPECT_EQ(linked.text(libraries + 16), "second");
  EXPECT_EQ(linked.text(libraries + 24), "a_");
}

TEST(Registry, ImportsEachKernelWithItsType) {
  const Kernel kernels[] = {make_kernel("f", "iIfFvxp:i", 0), make_kernel("g", ":", 0),
                            make_kernel("h", ":", 0)};
  RegistryInput input;
  input.libraries = {{"l", ""}};
  for (const Kernel& kernel : kernels) input.kernels.push_back(&kernel);
  const Linked linked(input);
  const Object& object = linked.object();
  ASSERT_EQ(object.imported_count(ExternKind::function), 3u);
  const FuncType& type = object.types.at(object.function_type(0));
  EXPECT_EQ(as_string(type.params), "\x7f\x7e\x7d\x7c\x7b\x6f\x70");
  EXPECT_EQ(as_string(type.results), "\x7f");
  EXPECT_EQ(object.function_type(1), object.function_type(2));
  EXPECT_EQ(object.types.size(), 2u);
  for (const Symbol& symbol : object.symbols) {
    EXPECT_EQ(symbol.kind == SymbolKind::data, symbol.is_defined()) << symbol.name;
  }
}

TEST(Registry, PrivateTablesAreThoseOfTheLookup) {
  std::vector<Kernel> kernels;
  for (int i = 0; i < 50; ++i)
    kernels.push_back(make_kernel(("k" + std::to_string(1000 + i)).c_str(), "i:", 0));
  RegistryInput input;
  input.libraries = {{"l", ""}};
  input.imports_functions = true;
  std::vector<std::string_view> names;
  for (const Kernel& kernel : kernels) {
    input.kernels.push_back(&kernel);
    names.push_back(kernel.name);
  }
  const Linked linked(input);
  const std::optional<PerfectHash> hash = make_perfect_hash(names);
  ASSERT_TRUE(hash.has_value());
  // struct wasmpack_private of runtime/bundle.h.
  const uint32_t tables = linked.address_of("__wasmpack_private");
  EXPECT_EQ(linked.word(tables), hash->seed);
  ASSERT_EQ(linked.word(tables + 4), hash->displacements.size());
  for (uint32_t i = 0; i < hash->displacements.size(); ++i)
    EXPECT_EQ(linked.word(linked.word(tables + 8) + 4 * i), hash->displacements[i]);
  ASSERT_EQ(linked.word(tables + 12), hash->slots.size());
  for (uint32_t i = 0; i < hash->slots.size(); ++i)
    EXPECT_EQ(linked.word(linked.word(tables + 16) + 4 * i), hash->slots[i]);
  EXPECT_EQ(linked.word(tables + 20), 5u);  // the longest name, "k1000"
  EXPECT_EQ(linked.word(tables + 24), 1u);
}

TEST(Registry, ATextIsStoredOnce) {
  const Kernel one = make_kernel("k", "iiiiiiii:i", 0);
  std::vector<Kernel> many;
  for (char c = 'a'; c <= 'z'; ++c)
    many.push_back(make_kernel(std::string(1, c).c_str(), "iiiiiiii:i", 0));
  RegistryInput small, large;
  small.kernels = {&one};
  for (const Kernel& kernel : many) large.kernels.push_back(&kernel);
  // 25 more kernels: 24 bytes, a name of 2, and up to 6 for the lookup; the signature not again.
  EXPECT_LE(Linked(large).size(), Linked(small).size() + 25 * (24 + 2 + 6) + 16);
}

TEST(Registry, NoKernels) {
  RegistryInput input;
  input.name = "empty";
  const Linked linked(input);
  EXPECT_EQ(linked.word(linked.address_of("__wasmpack_bundle") + 24), 0u);
  EXPECT_EQ(linked.word(linked.address_of("__wasmpack_private") + 4), 0u);
}

}  // namespace
}  // namespace wasmpack
