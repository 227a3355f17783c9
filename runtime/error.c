// wasmpack_error in a bundle whose kernels have no way to report a text. Where TVM code is in the
// bundle, tvm_error.c has the definition that counts.
#include <stdint.h>

__attribute__((weak)) const char* wasmpack_error(uint32_t library) {
  (void)library;
  return 0;
}
