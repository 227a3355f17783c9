// The ctor chain, run exactly once.
//
// The reference to __wasm_call_ctors also tells the final linker that constructors are taken care
// of: without it every export becomes a wrapper that reruns them (lld, Writer.cpp,
// createCommandExportWrappers).
#include "runtime/bundle.h"

void __wasm_call_ctors(void);

enum state { state_new, state_running, state_done, state_failed };
static enum state state = state_new;

void __wasmpack_initialize(void) {
  switch (state) {
    case state_new:
      state = state_running;
      __wasmpack_claim_heap();
      __wasm_call_ctors();
      state = state_done;
      return;
    case state_running:  // a constructor asks for what is on its way
    case state_done:
      return;
    case state_failed:
      __builtin_trap();
  }
}

// A trap unwinds the chain and leaves `state_running` behind, and memory looks the same when a
// constructor called the host and the host calls back. Only a bundle that imports no function can
// tell the two apart: its host is never called, so a host that comes here comes after a trap.
void __wasmpack_initialize_from_host(void) {
  if (state == state_running && !__wasmpack_private.imports_functions) state = state_failed;
  __wasmpack_initialize();
}

void _initialize(void) { __wasmpack_initialize_from_host(); }
