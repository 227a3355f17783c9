// What the runtime knows about TVM libraries of a bundle. TVM's kernels call their runtime without
// saying who calls, so the packager gives each library functions of its own under TVM's names: each
// passes its library's record on to one of the functions below (tvm_*.c).
#ifndef WASMPACK_RUNTIME_TVM_H
#define WASMPACK_RUNTIME_TVM_H

#include "runtime/bundle.h"

// How kernels are called: `abi` of wasmpack_kernel, docs/bundle-abi.md.
enum {
  wasmpack_abi_packed_3 = 1,
  wasmpack_abi_packed_5 = 2,
  wasmpack_abi_packed_6 = 3,
  wasmpack_abi_tvm_ffi = 4,
};

struct wasmpack_tvm_library {
  uint32_t library;  // index into __wasmpack_bundle.libraries
  uint32_t abi;      // of its kernels
  // Registered functions that the registry does not have as prefix + registered name. Their `name`
  // is the registered one without __tvm_ffi_.
  const struct wasmpack_kernel* functions;
  uint32_t function_count;
  char* error;  // NUL-terminated text of the last failed call, once has_error is 1
  uint32_t error_bytes;
  uint32_t has_error;
};

struct wasmpack_tvm_libraries {
  uint32_t count;
  struct wasmpack_tvm_library* const* libraries;  // sorted by `library`
};

// Made by the packager.
extern const struct wasmpack_tvm_libraries __wasmpack_tvm_libraries;

// What takes the place of TVM's functions. A function handle is a `const struct wasmpack_kernel*`.
// Those that return int give 0, or -1 after they have set an error text.

// TVMBackendRegisterSystemLibSymbol, TVMFFIEnvModRegisterSystemLibSymbol
int __wasmpack_tvm_register(struct wasmpack_tvm_library* library, const char* name, void* address);
// TVMBackendGetFuncFromEnv, TVMFFIEnvModLookupFromImports
int __wasmpack_tvm_lookup(struct wasmpack_tvm_library* library, void* context, const char* name,
                          const void** handle);
// TVMFuncCall
int __wasmpack_tvm_call_packed(struct wasmpack_tvm_library* library, const void* handle, void* args,
                               int* type_codes, int count, void* result, int* result_type_code);
// TVMFFIFunctionCall
int __wasmpack_tvm_call_ffi(struct wasmpack_tvm_library* library, const void* handle,
                            const void* args, int count, void* result);
// TVMAPISetLastError
void __wasmpack_tvm_set_error(struct wasmpack_tvm_library* library, const char* message);
// TVMFFIErrorSetRaisedFromCStr, TVMFFIErrorSetRaisedFromCStrParts; `parts` may have null pointers.
void __wasmpack_tvm_raise(struct wasmpack_tvm_library* library, const char* kind,
                          const char* message);
void __wasmpack_tvm_raise_parts(struct wasmpack_tvm_library* library, const char* kind,
                                const char* const* parts, int count);

// Among the runtime's own files (tvm_error.c).

// Sets the error text to `kind: ` (unless kind is null) and the parts in a row, cut to what fits.
void __wasmpack_tvm_set_text(struct wasmpack_tvm_library* library, const char* kind,
                             const char* const* parts, uint32_t count);
// The number of texts set so far in any library: tells whether a call has set one.
uint32_t __wasmpack_tvm_text_count(void);
// A failed call of `kernel` also is one of its caller, whom the host will ask: its text becomes
// that of `library`. `count_before` is __wasmpack_tvm_text_count from before the call.
void __wasmpack_tvm_pass_on_text(struct wasmpack_tvm_library* library,
                                 const struct wasmpack_kernel* kernel, uint32_t count_before);

// Whether code of a library that calls by `caller` can call a function of abi `callee`: the packed
// ones adapt to each other, TVM FFI is a world of its own.
static inline int wasmpack_tvm_can_call(uint32_t caller, uint32_t callee) {
  if (caller == wasmpack_abi_tvm_ffi) return callee == wasmpack_abi_tvm_ffi;
  return callee >= wasmpack_abi_packed_3 && callee <= wasmpack_abi_packed_6;
}

#endif
