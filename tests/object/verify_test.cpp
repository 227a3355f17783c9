// Each rule of Linking.md that verify_object checks, on the smallest object that breaks it.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "object/read.h"
#include "object/verify.h"
#include "object/write.h"

namespace wasmpack {
namespace {

constexpr uint8_t kFunctionOffsetI32 = 8, kMemoryAddrLeb = 3, kMemoryAddrI32 = 5;

// An object with two functions whose bodies are one call each, one data segment of eight zero
// bytes, and the symbols f (function 0), g (function 1), d (the data).
class TestObject {
 public:
  std::vector<uint8_t> body = {0x00, 0x10, 0x80, 0x80, 0x80, 0x80, 0x00, 0x0b};  // call 0
  std::vector<Relocation> code_relocations;
  std::vector<Relocation> data_relocations;
  int extra_count = 0;  // added to the count of CODE's relocations

  // Offset of body `i` in the CODE section's content: a count, then a size and a body each.
  uint32_t body_at(uint32_t i) const { return static_cast<uint32_t>(2 + i * (body.size() + 1)); }

  // The message of verify_object, empty if it is content.
  std::string verify() {
    const std::vector<uint8_t> bytes = make();
    const Result<Object> object = read_object(bytes, "test.o");
    if (!object) return "cannot read: " + object.error().message;
    const Result<std::vector<uint8_t>> uses = verify_object(*object);
    return uses ? "" : uses.error().message;
  }

 private:
  static void add_relocations(ByteWriter& out, std::string_view name, uint32_t target,
                              const std::vector<Relocation>& relocations, int extra) {
    if (relocations.empty()) return;
    ByteWriter content;
    content.write_varuint(target);
    content.write_varuint(relocations.size() + static_cast<size_t>(extra));
    for (const Relocation& relocation : relocations) encode_relocation(content, relocation);
    append_custom_section(out, name, content.bytes());
  }

  std::vector<uint8_t> make() const {
    ByteWriter out;
    out.write_bytes(kWasmHeader);
    append_section(out, SectionId::type, std::vector<uint8_t>{1, 0x60, 0, 0});
    append_section(out, SectionId::function, std::vector<uint8_t>{2, 0, 0});
    append_section(out, SectionId::memory, std::vector<uint8_t>{1, 0, 1});
    ByteWriter code;
    code.write_varuint(2);
    for (int i = 0; i < 2; ++i) code.write_sized(body);
    append_section(out, SectionId::code, code.bytes());  // section 3
    ByteWriter data;
    data.write_bytes(std::vector<uint8_t>{1, 0, 0x41, 0, 0x0b, 8, 0, 0, 0, 0, 0, 0, 0, 0});
    append_section(out, SectionId::data, data.bytes());  // section 4
    ByteWriter symbols;
    symbols.write_varuint(3);
    for (uint32_t i = 0; i < 2; ++i) {
      Symbol symbol;
      symbol.name = i == 0 ? "f" : "g";
      symbol.index = i;
      encode_symbol(symbols, symbol);
    }
    Symbol variable;
    variable.kind = SymbolKind::data;
    variable.name = "d";
    variable.size = 8;
    encode_symbol(symbols, variable);
    ByteWriter linking;
    linking.write_varuint(2);
    linking.write_u8(8);
    linking.write_sized(symbols.bytes());
    append_custom_section(out, "linking", linking.bytes());
    add_relocations(out, "reloc.CODE", 3, code_relocations, extra_count);
    add_relocations(out, "reloc.DATA", 4, data_relocations, 0);
    return out.take();
  }
};

// The call's index field stands two bytes into each body.
Relocation call_to(uint32_t symbol, uint32_t body_at) {
  return {kFunctionIndexLeb, body_at + 2, symbol, 0};
}

TEST(Verify, AcceptsARelocationInEachFunctionAndInData) {
  TestObject object;
  object.code_relocations = {call_to(0, object.body_at(0)), call_to(1, object.body_at(1))};
  object.data_relocations = {{kMemoryAddrI32, 6, 2, 0}, {kMemoryAddrI32, 10, 2, 4}};
  EXPECT_EQ(object.verify(), "");
}

TEST(Verify, SymbolIndexOutOfRange) {
  TestObject object;
  object.code_relocations = {call_to(91, object.body_at(0))};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: symbol index 91 is out of range (3 symbols)");
}

TEST(Verify, TypeIndexOutOfRange) {
  TestObject object;
  object.code_relocations = {{kTypeIndexLeb, object.body_at(0) + 2, 1, 0}};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_TYPE_INDEX_LEB: type index 1 is out of range (1 types)");
}

TEST(Verify, SymbolKindMustFitTheRelocationKind) {
  TestObject object;
  object.code_relocations = {call_to(2, object.body_at(0))};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: cannot apply to data symbol `d`");
  object.code_relocations = {{kMemoryAddrLeb, object.body_at(0) + 2, 0, 0}};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_MEMORY_ADDR_LEB: cannot apply to function symbol `f`");
}

TEST(Verify, SitesMustAscendAndNotOverlap) {
  TestObject object;
  object.code_relocations = {call_to(0, object.body_at(1)), call_to(1, object.body_at(0))};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: sites are not in ascending order, or overlap");
  object.code_relocations = {call_to(0, object.body_at(0)), call_to(1, object.body_at(0) + 4)};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: sites are not in ascending order, or overlap");
}

TEST(Verify, ASiteMustLieInsideOneChunk) {
  TestObject object;
  // The last byte of body 0 and the size field of body 1.
  object.code_relocations = {{kFunctionIndexLeb, object.body_at(0) + 7, 0, 0}};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: site 0x9 reaches past the end of its function "
            "body");
  object.code_relocations = {{kFunctionIndexLeb, object.body_at(1) - 1, 0, 0}};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: site 0xa lies in no function body");
  object.code_relocations = {};
  object.data_relocations = {{kMemoryAddrI32, 11, 2, 0}};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_MEMORY_ADDR_I32: site 0xb reaches past the end of its data segment");
}

TEST(Verify, FieldsInCodeArePaddedIntegers) {
  TestObject object;
  object.body = {0x00, 0x10, 0x80, 0x80, 0x80, 0x00, 0x01, 0x0b};  // call 0 in four bytes, nop
  object.code_relocations = {call_to(0, object.body_at(0))};
  EXPECT_EQ(object.verify(),
            "relocation R_WASM_FUNCTION_INDEX_LEB: field is not a LEB128 padded to 5 bytes (was "
            "the code changed after it was compiled?)");
  object.code_relocations = {{kFunctionOffsetI32, object.body_at(0) + 2, 0, 0}};
  EXPECT_EQ(
      object.verify(),
      "relocation R_WASM_FUNCTION_OFFSET_I32: is not allowed in CODE: its field is no LEB128");
}

TEST(Verify, TheCountMustBeTrue) {
  TestObject object;
  object.code_relocations = {call_to(0, object.body_at(0)), call_to(1, object.body_at(1))};
  object.extra_count = -1;
  EXPECT_EQ(object.verify(), "the section holds 2 entries but counts 1");
}

}  // namespace
}  // namespace wasmpack
