// compile: -msimd128
// link: --no-entry
// inspect: --check rules.toml
#include <wasm_simd128.h>
__attribute__((export_name("sum"))) int sum(const int* x) {
  return wasm_i32x4_extract_lane(wasm_i32x4_add(wasm_v128_load(x), wasm_v128_load(x + 4)), 0);
}
