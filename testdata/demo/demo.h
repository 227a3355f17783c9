// What the sources of the demo's two libraries share: how a kernel is marked, and the host's
// function that they register kernels with.
#ifndef WASMPACK_DEMO_H
#define WASMPACK_DEMO_H

#include <stdint.h>

#define KERNEL __attribute__((visibility("default")))

// Provided by the host. `name` ends with a NUL.
__attribute__((import_module("env"), import_name("register_kernel"))) void register_kernel(
    const char* name, void (*kernel)(void));

// Each library has a cell of this name, weak, and takes it for its own: sharing it would mix the
// libraries' states.
struct context {
  const char* library;
  uint32_t constructor_runs;
};
extern struct context* library_context;

#endif
