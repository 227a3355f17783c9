// The exports that find a kernel: wasmpack_query, wasmpack_find and wasmpack_entry. Only
// wasmpack_entry runs constructors.
#include "runtime/bundle.h"
#include "runtime/hash.h"

const struct wasmpack_bundle* wasmpack_query(uint32_t newest) {
  return newest >= __wasmpack_bundle.version ? &__wasmpack_bundle : 0;
}

// One probe, whatever the number of kernels.
uint32_t wasmpack_find(const char* name, uint32_t length) {
  const struct wasmpack_private* index = &__wasmpack_private;
  if (index->bucket_count == 0 || length > index->longest_name) return UINT32_MAX;
  const uint64_t hash = wasmpack_hash_name(name, length, index->seed);
  const uint32_t displacement = index->displacements[wasmpack_bucket(hash, index->bucket_count)];
  const uint32_t handle = index->slots[wasmpack_slot(hash, displacement, index->slot_count)];
  if (handle == UINT32_MAX) return UINT32_MAX;
  const struct wasmpack_kernel* kernel = &__wasmpack_bundle.kernels[handle];
  if (kernel->name_length != length) return UINT32_MAX;
  for (uint32_t i = 0; i < length; ++i)
    if (kernel->name[i] != name[i]) return UINT32_MAX;
  return handle;
}

uint32_t wasmpack_entry(uint32_t handle) {
  if (handle >= __wasmpack_bundle.kernel_count) return 0;
  __wasmpack_initialize();
  return __wasmpack_bundle.kernels[handle].entry;
}
