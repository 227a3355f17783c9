// Library "image": kernels over arrays of bytes. Lengths are multiples of sixteen.
#include <wasm_simd128.h>

#include "demo.h"

// Library "vector" has a global function of this name, too, for other lanes.
uint32_t sum_lanes(v128_t lanes) {
  const v128_t words = wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(lanes));
  return wasm_u32x4_extract_lane(words, 0) + wasm_u32x4_extract_lane(words, 1) +
         wasm_u32x4_extract_lane(words, 2) + wasm_u32x4_extract_lane(words, 3);
}

KERNEL void invert(uint8_t* pixels, uint32_t length) {
  for (uint32_t i = 0; i < length; i += 16)
    wasm_v128_store(pixels + i, wasm_v128_not(wasm_v128_load(pixels + i)));
}

// Sum of absolute differences.
KERNEL uint32_t difference(const uint8_t* a, const uint8_t* b, uint32_t length) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < length; i += 16) {
    const v128_t left = wasm_v128_load(a + i), right = wasm_v128_load(b + i);
    sum +=
        sum_lanes(wasm_v128_or(wasm_u8x16_sub_sat(left, right), wasm_u8x16_sub_sat(right, left)));
  }
  return sum;
}
