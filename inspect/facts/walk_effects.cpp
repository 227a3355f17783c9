#include "inspect/facts/walk_effects.h"

namespace wasmpack {

WalkEffect effect_of(uint8_t opcode) {
  const auto in = [opcode](unsigned first, unsigned last) {
    return opcode >= first && opcode <= last;
  };
  constexpr WalkEffect kUnary = {1, 1}, kBinary = {2, 1}, kPush = {0, 1};
  if (opcode == 0x25) return kUnary;                    // table.get
  if (opcode == 0x26) return {2, 0};                    // table.set
  if (in(0x28, 0x35) || opcode == 0x40) return kUnary;  // loads, memory.grow
  if (opcode == 0x3f || in(0x42, 0x44)) return kPush;   // memory.size, constants
  if (opcode == 0x45 || opcode == 0x50) return kUnary;  // eqz
  if (in(0x46, 0x66)) return kBinary;                   // comparisons
  if (in(0x67, 0x69) || in(0x79, 0x7b) || in(0x8b, 0x91) || in(0x99, 0x9f) || in(0xa7, 0xc4))
    return kUnary;
  if (in(0x6a, 0x78) || in(0x7c, 0x8a) || in(0x92, 0x98) || in(0xa0, 0xa6)) return kBinary;
  if (opcode == 0xd0 || opcode == 0xd2) return kPush;  // ref.null, ref.func
  if (opcode == 0xd1) return kUnary;                   // ref.is_null
  return {};
}

WalkValue compute(uint8_t opcode, WalkValue a, WalkValue b) {
  if (!a || !b) return std::nullopt;
  const auto x = static_cast<int32_t>(*a), y = static_cast<int32_t>(*b);
  switch (opcode) {
    case 0x46:
      return *a == *b;
    case 0x47:
      return *a != *b;
    case 0x48:
      return x < y;
    case 0x49:
      return *a < *b;
    case 0x4a:
      return x > y;
    case 0x4b:
      return *a > *b;
    case 0x4c:
      return x <= y;
    case 0x4d:
      return *a <= *b;
    case 0x4e:
      return x >= y;
    case 0x4f:
      return *a >= *b;
    case 0x6a:
      return *a + *b;
    case 0x6b:
      return *a - *b;
    case 0x71:
      return *a & *b;
    case 0x72:
      return *a | *b;
    case 0x73:
      return *a ^ *b;
    default:
      return std::nullopt;
  }
}

unsigned store_size(uint8_t opcode) {
  constexpr uint8_t sizes[] = {4, 8, 4, 8, 1, 2, 1, 2, 4};  // i32.store to i64.store32
  return sizes[opcode - kFirstStore];
}

}  // namespace wasmpack
