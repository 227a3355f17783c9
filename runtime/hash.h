// The arithmetic of the name lookup, shared by the packager, which builds the tables, and the
// runtime, which reads them. C and C++.
#ifndef WASMPACK_RUNTIME_HASH_H
#define WASMPACK_RUNTIME_HASH_H

#include <stdint.h>

// FNV-1a of 64 bits from a start value that depends on `seed`, and a final mix, since the lookup
// uses the high bits and FNV stirs its last bytes only into the low ones. In three steps, so that a
// name may come in parts.
static inline uint64_t wasmpack_hash_begin(uint32_t seed) {
  return UINT64_C(0xcbf29ce484222325) ^ ((uint64_t)seed << 32 | seed);
}
static inline uint64_t wasmpack_hash_part(uint64_t hash, const char* part, uint32_t length) {
  for (uint32_t i = 0; i < length; ++i) hash = (hash ^ (uint8_t)part[i]) * UINT64_C(0x100000001b3);
  return hash;
}
static inline uint64_t wasmpack_hash_end(uint64_t hash) {
  hash ^= hash >> 32;
  hash *= UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

static inline uint64_t wasmpack_hash_name(const char* name, uint32_t length, uint32_t seed) {
  return wasmpack_hash_end(wasmpack_hash_part(wasmpack_hash_begin(seed), name, length));
}

// Maps a 32-bit value to [0, count) by its high bits.
static inline uint32_t wasmpack_reduce(uint32_t value, uint32_t count) {
  return (uint32_t)((uint64_t)value * count >> 32);
}

// Each name falls into a bucket; the bucket's displacement tells the slot.
static inline uint32_t wasmpack_bucket(uint64_t hash, uint32_t bucket_count) {
  return wasmpack_reduce((uint32_t)hash, bucket_count);
}
static inline uint32_t wasmpack_slot(uint64_t hash, uint32_t displacement, uint32_t slot_count) {
  const uint32_t step = (uint32_t)hash * UINT32_C(0x85ebca6b) | 1;
  return wasmpack_reduce((uint32_t)(hash >> 32) + displacement * step, slot_count);
}

#endif
