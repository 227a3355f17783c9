// Kernels of arrays, with SIMD. `ramp` is right only once the constructor has run.
#include <wasm_simd128.h>

#define KERNEL __attribute__((visibility("default")))

static float table[16];

void register_operation(const char* name);
__attribute__((constructor)) static void fill_table(void) {
  register_operation("vector");
  for (int i = 0; i < 16; ++i) table[i] = (float)(i * i);
}

// y += a * x
KERNEL void axpy(float a, const float* x, float* y, int n) {
  int i = 0;
  for (const v128_t factor = wasm_f32x4_splat(a); i + 4 <= n; i += 4) {
    const v128_t product = wasm_f32x4_mul(factor, wasm_v128_load(x + i));
    wasm_v128_store(y + i, wasm_f32x4_add(wasm_v128_load(y + i), product));
  }
  for (; i < n; ++i) y[i] += a * x[i];
}

// 0 1 4 9 ... added up by lanes: 1240
KERNEL float ramp(void) {
  v128_t sum = wasm_f32x4_splat(0);
  for (int i = 0; i < 16; i += 4) sum = wasm_f32x4_add(sum, wasm_v128_load(table + i));
  return wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 1) +
         wasm_f32x4_extract_lane(sum, 2) + wasm_f32x4_extract_lane(sum, 3);
}
