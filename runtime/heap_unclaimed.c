// No library of the bundle has to take the initial heap before others grow memory (heap_claim.c).
#include "runtime/bundle.h"

void __wasmpack_claim_heap(void) {}
