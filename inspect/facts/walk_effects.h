// What single instructions do to the value stack, as far as the walk through a guard needs it.
//
// Source: core specification 5.4 (opcodes) and 4.3.2 (integer operations).
#pragma once

#include <cstdint>
#include <optional>

namespace wasmpack {

// An i32; nothing if it is not known.
using WalkValue = std::optional<uint32_t>;

// Opcodes with an effect of their own; the rest only takes and leaves values.
enum WalkOp : uint8_t {
  kUnreachable = 0x00,
  kNop = 0x01,
  kBlock = 0x02,
  kLoop = 0x03,
  kIf = 0x04,
  kElse = 0x05,
  kEnd = 0x0b,
  kBr = 0x0c,
  kBrIf = 0x0d,
  kBrTable = 0x0e,
  kReturn = 0x0f,
  kCall = 0x10,
  kCallIndirect = 0x11,
  kReturnCall = 0x12,
  kDrop = 0x1a,
  kSelect = 0x1b,
  kSelectTyped = 0x1c,
  kLocalGet = 0x20,
  kLocalSet = 0x21,
  kLocalTee = 0x22,
  kGlobalGet = 0x23,
  kGlobalSet = 0x24,
  kI32Load = 0x28,
  kI32Load8S = 0x2c,
  kI32Load8U = 0x2d,
  kFirstStore = 0x36,
  kLastStore = 0x3e,
  kI32Const = 0x41,
  kI32Eqz = 0x45,
  kMiscellaneous = 0xfc,
  kSimd = 0xfd,
  kAtomics = 0xfe,
};

// Of instructions that only compute: values taken and left. `taken` 255: not of that kind.
struct WalkEffect {
  uint8_t taken = 255;
  uint8_t left = 0;
};

WalkEffect effect_of(uint8_t opcode);

// The result of an i32 operation with two operands; nothing where it is not followed.
WalkValue compute(uint8_t opcode, WalkValue a, WalkValue b);

// Bytes that a store from kFirstStore to kLastStore writes.
unsigned store_size(uint8_t opcode);

}  // namespace wasmpack
