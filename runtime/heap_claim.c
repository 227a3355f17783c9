// Lets the library that owns the initial heap take it. Its allocator (wasi-libc's dlmalloc) claims
// everything from __heap_base to the end of memory at its first malloc, also what others got from
// memory.grow before; so that malloc comes before anything in the bundle grows. The packager gives
// the library's functions the names below.
#include "runtime/bundle.h"

void* __wasmpack_heap_malloc(uint32_t size);
void __wasmpack_heap_free(void* block);

void __wasmpack_claim_heap(void) {
  static int is_claimed;
  if (is_claimed) return;
  is_claimed = 1;
  __wasmpack_heap_free(__wasmpack_heap_malloc(1));
}
