// Finds the functions that TVM kernels call by name: those of their own library first.
#include "runtime/tvm.h"

uint32_t wasmpack_find(const char* name, uint32_t length);

static uint32_t length_of(const char* text) {
  uint32_t length = 0;
  while (text[length]) ++length;
  return length;
}

static int is_equal(const char* a, uint32_t a_length, const char* b, uint32_t b_length) {
  if (a_length != b_length) return 0;
  for (uint32_t i = 0; i < a_length; ++i)
    if (a[i] != b[i]) return 0;
  return 1;
}

static const struct wasmpack_kernel* find_in_registry(const char* name, uint32_t length) {
  const uint32_t handle = wasmpack_find(name, length);
  return handle == UINT32_MAX ? 0 : &__wasmpack_bundle.kernels[handle];
}

static const struct wasmpack_kernel* find_in_library(const struct wasmpack_tvm_library* library,
                                                     const char* name, uint32_t length) {
  // These first: the manifest may have given another function the name that they would have.
  for (uint32_t i = 0; i < library->function_count; ++i) {
    const struct wasmpack_kernel* function = &library->functions[i];
    if (is_equal(function->name, function->name_length, name, length)) return function;
  }
  const struct wasmpack_library* own = &__wasmpack_bundle.libraries[library->library];
  const uint32_t handle = __wasmpack_find_in_parts(own->prefix, own->prefix_length, name, length);
  if (handle == UINT32_MAX) return 0;
  const struct wasmpack_kernel* kernel = &__wasmpack_bundle.kernels[handle];
  return kernel->library == library->library ? kernel : 0;
}

// The name without __tvm_ffi_, or 0.
static const char* without_ffi_prefix(const char* name) {
  const char* mark = "__tvm_ffi_";
  while (*mark)
    if (*name++ != *mark++) return 0;
  return name;
}

int __wasmpack_tvm_lookup(struct wasmpack_tvm_library* library, void* context, const char* name,
                          const void** handle) {
  (void)context;  // the caller is known, and a library without registration has none
  const char* short_name = without_ffi_prefix(name);
  const struct wasmpack_kernel* found = find_in_library(library, name, length_of(name));
  if (!found && short_name) found = find_in_library(library, short_name, length_of(short_name));
  if (!found) found = find_in_registry(name, length_of(name));
  if (!found && short_name) found = find_in_registry(short_name, length_of(short_name));
  if (found && wasmpack_tvm_can_call(library->abi, found->abi)) {
    *handle = found;
    return 0;
  }
  const char* const parts[] = {
      "function `", name, found ? "` is of a kind that its caller cannot call" : "` was not found"};
  __wasmpack_tvm_set_text(library, 0, parts, 3);
  return -1;
}
