// The exports that find a kernel: wasmpack_query, wasmpack_find and wasmpack_entry. Only
// wasmpack_entry runs constructors.
#include "runtime/bundle.h"
#include "runtime/hash.h"

const struct wasmpack_bundle* wasmpack_query(uint32_t newest) {
  return newest >= __wasmpack_bundle.version ? &__wasmpack_bundle : 0;
}

static int is_equal(const char* a, const char* b, uint32_t length) {
  for (uint32_t i = 0; i < length; ++i)
    if (a[i] != b[i]) return 0;
  return 1;
}

// One probe, whatever the number of kernels.
uint32_t __wasmpack_find_in_parts(const char* prefix, uint32_t prefix_length, const char* name,
                                  uint32_t length) {
  const struct wasmpack_private* index = &__wasmpack_private;
  if (index->bucket_count == 0 || prefix_length > index->longest_name ||
      length > index->longest_name - prefix_length)
    return UINT32_MAX;
  uint64_t hash = wasmpack_hash_begin(index->seed);
  hash = wasmpack_hash_part(hash, prefix, prefix_length);
  hash = wasmpack_hash_end(wasmpack_hash_part(hash, name, length));
  const uint32_t displacement = index->displacements[wasmpack_bucket(hash, index->bucket_count)];
  const uint32_t handle = index->slots[wasmpack_slot(hash, displacement, index->slot_count)];
  if (handle == UINT32_MAX) return UINT32_MAX;
  const struct wasmpack_kernel* kernel = &__wasmpack_bundle.kernels[handle];
  if (kernel->name_length != prefix_length + length) return UINT32_MAX;
  if (!is_equal(kernel->name, prefix, prefix_length)) return UINT32_MAX;
  return is_equal(kernel->name + prefix_length, name, length) ? handle : UINT32_MAX;
}

uint32_t wasmpack_find(const char* name, uint32_t length) {
  return __wasmpack_find_in_parts(0, 0, name, length);
}

static uint32_t entry_of(uint32_t handle, void (*initialize)(void)) {
  if (handle >= __wasmpack_bundle.kernel_count) return 0;
  initialize();
  return __wasmpack_bundle.kernels[handle].entry;
}

uint32_t wasmpack_entry(uint32_t handle) {
  return entry_of(handle, __wasmpack_initialize_from_host);
}

// What libraries call in its place.
uint32_t __wasmpack_entry(uint32_t handle) { return entry_of(handle, __wasmpack_initialize); }
