#include "runner/trampoline.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "support/byte_writer.h"

namespace wasmpack {
namespace {

struct ValueCode {
  char letter;
  uint8_t type;         // in a function type
  uint8_t load, store;  // opcodes; of v128 behind kSimdPrefix
};
constexpr ValueCode kValueCodes[] = {{'i', 0x7f, 0x28, 0x36}, {'I', 0x7e, 0x29, 0x37},
                                     {'f', 0x7d, 0x2a, 0x38}, {'F', 0x7c, 0x2b, 0x39},
                                     {'v', 0x7b, 0x00, 0x0b}, {'x', 0x6f, 0, 0},
                                     {'p', 0x70, 0, 0}};
constexpr uint8_t kSimdPrefix = 0xfd;
constexpr uint8_t kTypeSection = 1, kImportSection = 2, kFunctionSection = 3, kExportSection = 7,
                  kCodeSection = 10;

const ValueCode& code_of(char letter) {
  const auto* found = std::ranges::find(kValueCodes, letter, &ValueCode::letter);
  return found == std::end(kValueCodes) ? kValueCodes[0] : *found;
}

void put(ByteWriter& out, std::initializer_list<uint8_t> bytes) {
  for (const uint8_t byte : bytes) out.write_u8(byte);
}

bool is_reference(char letter) { return letter == 'x' || letter == 'p'; }

void write_section(ByteWriter& out, uint8_t id, const ByteWriter& content) {
  out.write_u8(id);
  out.write_sized(content.bytes());
}

void write_types(ByteWriter& out, std::string_view letters) {
  out.write_varuint(letters.size());
  for (const char letter : letters) out.write_u8(code_of(letter).type);
}

void write_access(ByteWriter& out, char letter, uint8_t opcode, uint64_t offset) {
  if (letter == 'v') out.write_u8(kSimdPrefix);
  out.write_u8(opcode);
  out.write_varuint(0);  // alignment
  out.write_varuint(offset);
}

void write_indexed(ByteWriter& out, uint8_t opcode, uint64_t index) {
  out.write_u8(opcode);
  out.write_varuint(index);
}

constexpr uint8_t kLocalGet = 0x20, kLocalSet = 0x21, kLocalTee = 0x22, kBrIf = 0x0d;

ByteWriter make_body(std::string_view params, std::string_view results) {
  constexpr uint32_t kFrame = 0, kCount = 1, kSlot = 2, kFirstLocal = 3;
  ByteWriter body;
  body.write_varuint(results.size());
  for (const char letter : results) {
    body.write_varuint(1);
    body.write_u8(code_of(letter).type);
  }
  put(body, {0x03, 0x40});  // loop
  for (size_t i = 0; i < params.size(); ++i) {
    if (is_reference(params[i])) {
      put(body, {0xd0, code_of(params[i]).type});  // ref.null
      continue;
    }
    write_indexed(body, kLocalGet, kFrame);
    write_access(body, params[i], code_of(params[i]).load, i * kValueBytes);
  }
  write_indexed(body, kLocalGet, kSlot);
  put(body, {0x11, 0x00, 0x00});  // call_indirect, type 0, table 0
  for (size_t i = results.size(); i-- > 0;) write_indexed(body, kLocalSet, kFirstLocal + i);
  write_indexed(body, kLocalGet, kCount);
  put(body, {0x41, 0x01, 0x6b});  // i32.const 1, i32.sub
  write_indexed(body, kLocalTee, kCount);
  write_indexed(body, kBrIf, 0);
  body.write_u8(0x0b);
  for (size_t i = 0; i < results.size(); ++i) {
    if (is_reference(results[i])) continue;
    write_indexed(body, kLocalGet, kFrame);
    write_indexed(body, kLocalGet, kFirstLocal + i);
    write_access(body, results[i], code_of(results[i]).store, (params.size() + i) * kValueBytes);
  }
  body.write_u8(0x0b);
  return body;
}

}  // namespace

std::vector<uint8_t> make_trampoline(std::string_view signature) {
  const size_t colon = signature.find(':');
  const std::string_view params = signature.substr(0, colon);
  const std::string_view results = signature.substr(colon + 1);
  ByteWriter types;
  types.write_varuint(2);
  types.write_u8(0x60);
  write_types(types, params);
  write_types(types, results);
  types.write_u8(0x60);
  write_types(types, "iii");
  write_types(types, "");

  ByteWriter imports;
  imports.write_varuint(2);
  imports.write_name("bundle");
  imports.write_name("memory");
  put(imports, {0x02, 0x00, 0x00});
  imports.write_name("bundle");
  imports.write_name("table");
  put(imports, {0x01, 0x70, 0x00, 0x00});

  ByteWriter functions;
  put(functions, {0x01, 0x01});
  ByteWriter exports;
  exports.write_varuint(1);
  exports.write_name("call");
  put(exports, {0x00, 0x00});
  ByteWriter code;
  code.write_varuint(1);
  code.write_sized(make_body(params, results).bytes());

  ByteWriter out;
  constexpr uint8_t kHead[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  out.write_bytes(kHead);
  write_section(out, kTypeSection, types);
  write_section(out, kImportSection, imports);
  write_section(out, kFunctionSection, functions);
  write_section(out, kExportSection, exports);
  write_section(out, kCodeSection, code);
  return out.take();
}

}  // namespace wasmpack
