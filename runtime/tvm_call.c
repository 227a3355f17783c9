// Calls through function handles. wasm checks the type of each call, so a function is called with
// the number of parameters that its own TVM has.
#include "runtime/tvm.h"

typedef int packed_3(void* args, int* type_codes, int count);
typedef int packed_5(void* args, int* type_codes, int count, void* result, int* result_type_code);
typedef int packed_6(void* args, int* type_codes, int count, void* result, int* result_type_code,
                     void* resource);
typedef int safe_call(void* self, const void* args, int count, void* result);

enum { type_code_null = 4 };

static int refuse(struct wasmpack_tvm_library* library, const struct wasmpack_kernel* kernel) {
  const char* const parts[] = {
      "function `", kernel ? kernel->name : "null",
      kernel ? "` is of a kind that its caller cannot call" : "` was called"};
  __wasmpack_tvm_set_text(library, 0, parts, 3);
  return -1;
}

int __wasmpack_tvm_call_packed(struct wasmpack_tvm_library* library, const void* handle, void* args,
                               int* type_codes, int count, void* result, int* result_type_code) {
  const struct wasmpack_kernel* kernel = handle;
  if (!kernel || !wasmpack_tvm_can_call(wasmpack_abi_packed_6, kernel->abi))
    return refuse(library, kernel);
  const uint32_t texts = __wasmpack_tvm_text_count();
  *result_type_code = type_code_null;  // functions without a result leave it alone
  int failed;
  if (kernel->abi == wasmpack_abi_packed_3) {
    failed = ((packed_3*)kernel->entry)(args, type_codes, count);
  } else if (kernel->abi == wasmpack_abi_packed_5) {
    failed = ((packed_5*)kernel->entry)(args, type_codes, count, result, result_type_code);
  } else {
    failed = ((packed_6*)kernel->entry)(args, type_codes, count, result, result_type_code, 0);
  }
  if (failed) __wasmpack_tvm_pass_on_text(library, kernel, texts);
  return failed;
}

int __wasmpack_tvm_call_ffi(struct wasmpack_tvm_library* library, const void* handle,
                            const void* args, int count, void* result) {
  const struct wasmpack_kernel* kernel = handle;
  if (!kernel || kernel->abi != wasmpack_abi_tvm_ffi) return refuse(library, kernel);
  const uint32_t texts = __wasmpack_tvm_text_count();
  const int failed = ((safe_call*)kernel->entry)(0, args, count, result);
  if (failed) __wasmpack_tvm_pass_on_text(library, kernel, texts);
  return failed;
}
