// Walks the instructions of one function body, without validating them.
#pragma once

#include <cstdint>

#include "support/bytes.h"
#include "support/cursor.h"

namespace wasmpack {

// Opcodes that code asks for by name (core specification 5.4); the rest is only skipped.
namespace opcode {
inline constexpr uint8_t kUnreachable = 0x00, kNop = 0x01, kIf = 0x04, kEnd = 0x0b, kReturn = 0x0f;
inline constexpr uint8_t kCall = 0x10, kCallIndirect = 0x11, kReturnCall = 0x12;
inline constexpr uint8_t kReturnCallIndirect = 0x13, kDrop = 0x1a, kLocalGet = 0x20;
inline constexpr uint8_t kGlobalGet = 0x23, kGlobalSet = 0x24, kTableGet = 0x25, kI32Eq = 0x46;
inline constexpr uint8_t kRefFunc = 0xd2, kGcPrefix = 0xfb, kBulkPrefix = 0xfc;
inline constexpr uint8_t kMemorySize = 0x3f, kMemoryGrow = 0x40, kI32Const = 0x41;
}  // namespace opcode

struct Instruction {
  uint32_t offset = 0;      // of the opcode, from the start of the body
  uint32_t immediates = 0;  // of what follows the opcode byte, from the start of the body
  uint8_t opcode = 0;       // 0xfb to 0xfe: a prefix
  uint32_t index = 0;       // the only index of call, local.get, memory.grow, ...; behind a prefix,
                            // the opcode proper
  int32_t constant = 0;     // of i32.const
};

// `while (reader.next(instruction)) ...`, then is_complete(). Knows the instructions of core
// specification 3.0 with threads, legacy exceptions and relaxed SIMD. Indices are not checked.
// Linear in the size of the body, however damaged it is.
class InstructionReader {
 public:
  // `body` starts with the local declarations (FunctionBody of object/object.h).
  explicit InstructionReader(Bytes body);
  // A constant expression has no declarations; offsets count from its start.
  static InstructionReader over_expression(Bytes expression) {
    return InstructionReader(Cursor(expression));
  }

  bool next(Instruction& instruction);
  // Whether the walk came to the body's end; false: an instruction was not understood.
  bool is_complete() const { return cursor_.ok() && cursor_.at_end(); }
  // Of what follows the last instruction, from the start of the body.
  uint32_t offset() const { return static_cast<uint32_t>(cursor_.offset()); }

 private:
  explicit InstructionReader(const Cursor& cursor) : cursor_(cursor) {}

  Cursor cursor_;
};

}  // namespace wasmpack
