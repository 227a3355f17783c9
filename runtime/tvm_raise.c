// Errors of TVM FFI libraries, which have a kind, and since TVM 0.24 a text in parts.
#include "runtime/tvm.h"

void __wasmpack_tvm_raise(struct wasmpack_tvm_library* library, const char* kind,
                          const char* message) {
  __wasmpack_tvm_set_text(library, kind, &message, 1);
}

void __wasmpack_tvm_raise_parts(struct wasmpack_tvm_library* library, const char* kind,
                                const char* const* parts, int count) {
  __wasmpack_tvm_set_text(library, kind, parts, count > 0 ? (uint32_t)count : 0);
}
