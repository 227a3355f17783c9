// Library "vector": kernels over arrays of floats. Lengths are multiples of four.
#include <wasm_simd128.h>

#include "demo.h"

// Library "image" has a global function of this name, too, for other lanes.
float sum_lanes(v128_t lanes) {
  return wasm_f32x4_extract_lane(lanes, 0) + wasm_f32x4_extract_lane(lanes, 1) +
         wasm_f32x4_extract_lane(lanes, 2) + wasm_f32x4_extract_lane(lanes, 3);
}

KERNEL float dot(const float* a, const float* b, uint32_t length) {
  v128_t sum = wasm_f32x4_splat(0);
  for (uint32_t i = 0; i < length; i += 4)
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(a + i), wasm_v128_load(b + i)));
  return sum_lanes(sum);
}

// y += factor * x
KERNEL void axpy(float factor, const float* x, float* y, uint32_t length) {
  const v128_t factors = wasm_f32x4_splat(factor);
  for (uint32_t i = 0; i < length; i += 4) {
    const v128_t product = wasm_f32x4_mul(factors, wasm_v128_load(x + i));
    wasm_v128_store(y + i, wasm_f32x4_add(wasm_v128_load(y + i), product));
  }
}
