// Registration, which TVM libraries do in a constructor. Their names and functions are in the
// registry already, so all that is left to do is the context cell: kernels pass its content to the
// lookup, which a TVM runtime would find null in a library that nobody opened.
#include "runtime/tvm.h"

static int ends_with(const char* name, const char* end) {
  const char* in_name = name;
  const char* in_end = end;
  while (*in_name) ++in_name;
  while (*in_end) ++in_end;
  while (in_end > end) {
    if (in_name == name || *--in_name != *--in_end) return 0;
  }
  return 1;
}

int __wasmpack_tvm_register(struct wasmpack_tvm_library* library, const char* name, void* address) {
  // By generation; a system_lib_prefix comes before.
  if (ends_with(name, "__tvm_module_ctx") || ends_with(name, "__tvm_ffi_library_ctx") ||
      ends_with(name, "__tvm_ffi__library_ctx"))
    *(struct wasmpack_tvm_library**)address = library;
  return 0;
}
