// The part of a C binding that is the same for every bundle.
#pragma once

#include <string_view>

namespace wasmpack {

// "$p" is the package as an identifier in lower case, "$P" in upper case.
inline constexpr std::string_view kCTypes = R"c(
#ifndef $P_BUNDLE_H
#define $P_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A value of wasm. */
typedef struct $p_bundle_value {
  char type; /* 'i' i32, 'I' i64, 'f' f32, 'F' f64 */
  union {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
  } of;
} $p_bundle_value;

/* One instance of the bundle in some engine; the host fills this in. */
typedef struct $p_bundle {
  void *context; /* the host's own */
  /* Calls an exported function. The results come with their types set. False: a trap. */
  bool (*call)(void *context, const char *name, size_t name_length, const $p_bundle_value *args,
               size_t arg_count, $p_bundle_value *results, size_t result_count);
  /* Calls the function in a slot of the table __indirect_function_table. Used only for kernels that
     the bundle does not export; may be NULL if there are none. */
  bool (*call_slot)(void *context, uint32_t slot, const $p_bundle_value *args, size_t arg_count,
                    $p_bundle_value *results, size_t result_count);
  /* Where the memory `memory` begins, and its size in bytes. */
  uint8_t *(*memory)(void *context, size_t *size);
} $p_bundle;

typedef enum $p_bundle_dtype {
  $P_BUNDLE_FLOAT16 = 1,
  $P_BUNDLE_FLOAT32,
  $P_BUNDLE_FLOAT64,
  $P_BUNDLE_BFLOAT16,
  $P_BUNDLE_INT8,
  $P_BUNDLE_INT16,
  $P_BUNDLE_INT32,
  $P_BUNDLE_INT64,
  $P_BUNDLE_UINT8,
  $P_BUNDLE_UINT16,
  $P_BUNDLE_UINT32,
  $P_BUNDLE_UINT64,
  $P_BUNDLE_BOOL
} $p_bundle_dtype;

/* Texts are UTF-8; the lengths are for those that hold NULs. */
typedef struct $p_bundle_tensor {
  const char *name;
  size_t name_length;
  $p_bundle_dtype dtype;
  size_t rank;
  const int64_t *shape; /* -1: any */
  const char *layout;   /* may be empty */
} $p_bundle_tensor;

typedef struct $p_bundle_kernel_info {
  const char *name; /* in the registry */
  size_t name_length;
  const char *type; /* "(i32,i32)->(f32)" */
  int32_t library;  /* what $p_bundle_error takes */
  uint32_t abi;     /* 0: plain C, see docs/bundle-abi.md */
  size_t arg_count;
  const $p_bundle_tensor *args;
  size_t result_count;
  const $p_bundle_tensor *results;
} $p_bundle_kernel_info;

typedef struct $p_bundle_param_info {
  $p_bundle_tensor tensor;
  uint64_t bytes;
  const char *file; /* NULL: inside the bundle */
} $p_bundle_param_info;

/* What instantiation takes from the host. */
typedef struct $p_bundle_import {
  const char *module;
  const char *name;
  const char *type; /* "(i32)->()", or "memory" */
} $p_bundle_import;
)c";

inline constexpr std::string_view kCRuntime = R"c(
static inline $p_bundle_value $p_bundle_i32(int32_t value) {
  $p_bundle_value result;
  result.type = 'i';
  result.of.i32 = value;
  return result;
}

static inline $p_bundle_value $p_bundle_i64(int64_t value) {
  $p_bundle_value result;
  result.type = 'I';
  result.of.i64 = value;
  return result;
}

static inline $p_bundle_value $p_bundle_f32(float value) {
  $p_bundle_value result;
  result.type = 'f';
  result.of.f32 = value;
  return result;
}

static inline $p_bundle_value $p_bundle_f64(double value) {
  $p_bundle_value result;
  result.type = 'F';
  result.of.f64 = value;
  return result;
}

/* A call of an export with i32 only. False: a trap. */
static inline bool $p_bundle_word($p_bundle *bundle, const char *name, const $p_bundle_value *args,
                                  size_t arg_count, uint32_t *result) {
  $p_bundle_value value = $p_bundle_i32(0);
  if (!bundle->call(bundle->context, name, strlen(name), args, arg_count, &value, 1)) return false;
  *result = (uint32_t)value.of.i32;
  return true;
}

/* Runs the constructors, once; every later call does nothing. False: a trap; throw the instance
   away. */
static inline bool $p_bundle_initialize($p_bundle *bundle) {
  return bundle->call(bundle->context, "_initialize", 11, NULL, 0, NULL, 0);
}

/* The address of new memory, 0 if there is none; align is a power of two up to 65536. */
static inline uint32_t $p_bundle_alloc($p_bundle *bundle, uint32_t size, uint32_t align) {
  const $p_bundle_value args[] = {$p_bundle_i32((int32_t)size), $p_bundle_i32((int32_t)align)};
  uint32_t address = 0;
  return $p_bundle_word(bundle, "wasmpack_alloc", args, 2, &address) ? address : 0;
}

static inline bool $p_bundle_free($p_bundle *bundle, uint32_t address) {
  const $p_bundle_value arg = $p_bundle_i32((int32_t)address);
  return bundle->call(bundle->context, "wasmpack_free", 13, &arg, 1, NULL, 0);
}

/* Bytes of the bundle's memory, NULL if they lie outside. Any call may move the memory: ask again.
   Values in it are little endian. */
static inline uint8_t *$p_bundle_at($p_bundle *bundle, uint32_t address, size_t size) {
  size_t total = 0;
  uint8_t *memory = bundle->memory(bundle->context, &total);
  return address <= total && size <= total - address ? memory + address : NULL;
}

/* The address of a copy of some bytes, 0 if there is no memory. */
static inline uint32_t $p_bundle_put($p_bundle *bundle, const void *data, uint32_t size,
                                     uint32_t align) {
  const uint32_t address = $p_bundle_alloc(bundle, size, align);
  uint8_t *at = address == 0 ? NULL : $p_bundle_at(bundle, address, size);
  if (at == NULL) return 0;
  if (size != 0) memcpy(at, data, size);
  return address;
}

/* The handle of a kernel by its name in the registry, -1 if there is none. */
static inline int32_t $p_bundle_find($p_bundle *bundle, const char *name, size_t name_length) {
  const uint32_t at = $p_bundle_put(bundle, name, (uint32_t)name_length, 1);
  const $p_bundle_value args[] = {$p_bundle_i32((int32_t)at), $p_bundle_i32((int32_t)name_length)};
  uint32_t handle = 0;
  if (at == 0 || !$p_bundle_word(bundle, "wasmpack_find", args, 2, &handle)) return -1;
  return $p_bundle_free(bundle, at) ? (int32_t)handle : -1;
}

/* Where a kernel is in the table, 0 if there is none. */
static inline uint32_t $p_bundle_slot($p_bundle *bundle, const char *name, size_t name_length) {
  const $p_bundle_value handle = $p_bundle_i32($p_bundle_find(bundle, name, name_length));
  uint32_t slot = 0;
  return $p_bundle_word(bundle, "wasmpack_entry", &handle, 1, &slot) ? slot : 0;
}

/* The text of a library's last failed call (-1: of any library) in the bundle's memory, NULL if
   there is none. */
static inline const char *$p_bundle_error($p_bundle *bundle, int32_t library) {
  const $p_bundle_value arg = $p_bundle_i32(library);
  uint32_t address = 0;
  size_t total = 0;
  const uint8_t *memory;
  if (!$p_bundle_word(bundle, "wasmpack_error", &arg, 1, &address) || address == 0) return NULL;
  memory = bundle->memory(bundle->context, &total);
  if (address >= total || memchr(memory + address, 0, total - address) == NULL) return NULL;
  return (const char *)(memory + address);
}

/* An unsigned number of the registry, 0 outside the memory. */
static inline uint32_t $p_bundle_u32($p_bundle *bundle, uint32_t address) {
  const uint8_t *at = $p_bundle_at(bundle, address, 4);
  if (at == NULL) return 0;
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Address and size in bytes of a param. False: the bundle does not hold it. */
static inline bool $p_bundle_param($p_bundle *bundle, const char *name, size_t name_length,
                                   uint32_t *address, uint32_t *bytes) {
  const $p_bundle_value newest = $p_bundle_i32(1);
  uint32_t registry = 0, count, i;
  if (!$p_bundle_word(bundle, "wasmpack_query", &newest, 1, &registry) || registry == 0)
    return false;
  count = $p_bundle_u32(bundle, registry + 40);
  for (i = 0; i < count; ++i) {
    const uint32_t at = $p_bundle_u32(bundle, registry + 44) + 28 * i;
    const uint8_t *found = $p_bundle_at(bundle, $p_bundle_u32(bundle, at), name_length);
    if (found == NULL || $p_bundle_u32(bundle, at + 4) != name_length) continue;
    if (memcmp(found, name, name_length) != 0) continue;
    *address = $p_bundle_u32(bundle, at + 8);
    *bytes = $p_bundle_u32(bundle, at + 12);
    return *address != 0;
  }
  return false;
}

static inline bool $p_bundle_invoke($p_bundle *bundle, const char *name, size_t name_length,
                                    bool is_exported, const $p_bundle_value *args,
                                    size_t arg_count, $p_bundle_value *results,
                                    size_t result_count) {
  uint32_t slot;
  if (is_exported) {
    return bundle->call(bundle->context, name, name_length, args, arg_count, results,
                        result_count);
  }
  slot = bundle->call_slot == NULL ? 0 : $p_bundle_slot(bundle, name, name_length);
  return slot != 0 &&
         bundle->call_slot(bundle->context, slot, args, arg_count, results, result_count);
}

/* The kernels. False: a trap; the results are then untouched. An i32 that is an address is
   unsigned: cast it. */
)c";

}  // namespace wasmpack
