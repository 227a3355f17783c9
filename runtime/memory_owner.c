// wasmpack_alloc and wasmpack_free where a library owns the initial heap and offers aligned_alloc
// and free: then these are the bundle's allocator, so that there is one and not two. The packager
// gives the library's functions the names below.
#include <stdint.h>

void* __wasmpack_heap_aligned_alloc(uint32_t align, uint32_t size);
void __wasmpack_heap_free(void* block);

enum { least_align = 16 };  // what C's aligned_alloc takes is up to each; this all take
// What is left of 32 bits for a request, with room for rounding; as in memory.c.
static const uint32_t largest_request = 0xfff00000u;

void* wasmpack_alloc(uint32_t size, uint32_t align) {
  if (align == 0 || align > 65536 || (align & (align - 1)) || size > largest_request) return 0;
  if (align < least_align) align = least_align;
  // C17 asks for a multiple of the alignment, and leaves it open what 0 bytes give.
  const uint32_t bytes = ((size ? size : 1) + align - 1) & ~(align - 1);
  return __wasmpack_heap_aligned_alloc(align, bytes);
}

void wasmpack_free(void* payload) {
  if (payload) __wasmpack_heap_free(payload);
}
