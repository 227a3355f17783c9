// Temporary memory of TVM kernels, from the bundle's allocator. Their code relies on 64-byte
// alignment.
#include <stdint.h>

void* wasmpack_alloc(uint32_t size, uint32_t align);
void wasmpack_free(void* payload);

enum { workspace_align = 64 };

void* __wasmpack_tvm_alloc_workspace(int device_type, int device, uint64_t bytes,
                                     int type_code_hint, int bits_hint) {
  (void)device_type, (void)device, (void)type_code_hint, (void)bits_hint;
  return bytes <= UINT32_MAX ? wasmpack_alloc((uint32_t)bytes, workspace_align) : 0;
}

int __wasmpack_tvm_free_workspace(int device_type, int device, void* workspace) {
  (void)device_type, (void)device;
  wasmpack_free(workspace);
  return 0;
}
