// The registry as it lies in a bundle's memory: docs/bundle-abi.md, version 1. Written by
// packager/registry.cpp, read by the runtime and, through the ABI, by hosts.
#ifndef WASMPACK_RUNTIME_BUNDLE_H
#define WASMPACK_RUNTIME_BUNDLE_H

#include <stdint.h>

struct wasmpack_kernel {
  const char* name;
  uint32_t name_length;
  uint32_t entry;  // slot in __indirect_function_table
  uint32_t abi;
  const char* signature;
  uint32_t library;
};

struct wasmpack_library {
  const char* name;
  uint32_t name_length;
  const char* prefix;
  uint32_t prefix_length;
};

struct wasmpack_param {
  const char* name;
  uint32_t name_length;
  uint32_t address;
  uint32_t bytes;
  uint32_t dtype;
  uint32_t rank;
  const uint64_t* shape;
};

struct wasmpack_bundle {
  uint32_t version;
  uint32_t size;
  const char* name;
  uint32_t name_length;
  const char* release;
  uint32_t release_length;
  uint32_t kernel_count;
  const struct wasmpack_kernel* kernels;
  uint32_t library_count;
  const struct wasmpack_library* libraries;
  uint32_t param_count;
  const struct wasmpack_param* params;
};

// What the runtime needs beside the ABI; no host may rely on it. The lookup is a perfect hash:
// packager/perfect_hash.h makes the two arrays, hash.h has the arithmetic.
struct wasmpack_private {
  uint32_t seed;
  uint32_t bucket_count;  // of `displacements`; 0 in a bundle without kernels
  const uint32_t* displacements;
  uint32_t slot_count;
  const uint32_t* slots;       // handle of the kernel in that slot, or UINT32_MAX
  uint32_t longest_name;       // bytes
  uint32_t imports_functions;  // 1: a constructor may call the host, which may call back
};

extern const struct wasmpack_bundle __wasmpack_bundle;
extern const struct wasmpack_private __wasmpack_private;

// Runs the ctor chain unless it has run or is running: for code of the bundle (initialize.c).
void __wasmpack_initialize(void);
// The same for calls that come from the host, which after a trap in the chain trap again.
void __wasmpack_initialize_from_host(void);

// The handle of the kernel whose name is the two parts in a row, or UINT32_MAX (registry.c).
uint32_t __wasmpack_find_in_parts(const char* prefix, uint32_t prefix_length, const char* name,
                                  uint32_t length);

// Lets the owner of the initial heap take it, if there is one that must; to be called before memory
// grows. Runs no constructor (heap_claim.c, heap_unclaimed.c).
void __wasmpack_claim_heap(void);

#endif
