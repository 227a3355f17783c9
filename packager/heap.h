// What a library does with the bundle's memory beyond its own data: whether it has an allocator
// that takes the initial heap, which is the memory from __heap_base on, and whether it grows
// memory. Two allocators over the initial heap would hand out the same bytes, and so would one that
// expects the memory it grows to lie behind what it has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

enum class HeapForm : uint8_t {
  none,        // nothing refers to __heap_base or __heap_end; at most it grows memory
  dlmalloc,    // that of wasi-libc: takes what is there at its first malloc, and later what
               // memory.grow gives, wherever that lies
  arena,       // stays between __heap_base and __heap_end, never grows
  contiguous,  // a break pointer that starts at __heap_base (Emscripten's sbrk)
  unknown,     // anything else
};

// A function or datum of a library, for messages: "function `dlmalloc`".
using HeapPlace = std::string;

struct HeapUse {
  HeapForm form = HeapForm::none;
  HeapPlace heap_user;  // the first that refers to __heap_base or __heap_end, "" if none does
  std::string reason;   // contiguous, unknown: why, as a sentence without capital and full stop
  std::vector<HeapPlace> growers;           // functions with memory.grow, in their order
  std::vector<HeapPlace> size_readers;      // functions with memory.size
  std::vector<std::string> foreign_breaks;  // `sbrk`, `brk`, taken from elsewhere; sorted
  // Indices of functions with the types of C, local ones too, if the form is dlmalloc or arena. In
  // form dlmalloc they are known to reach the function that takes the initial heap.
  std::optional<uint32_t> malloc_function, free_function, aligned_alloc_function;

  bool owns_heap() const { return form != HeapForm::none; }
};

// Looks at a library that was linked and keeps its symbols' names. `memory.grow` has no relocation,
// so function bodies are decoded (those whose bytes may hold one). Linear in the object's size.
HeapUse find_heap_use(const Object& object);

// The names under which runtime/heap_claim.c and runtime/memory_owner.c know the owner's functions.
inline constexpr std::string_view kHeapMalloc = "__wasmpack_heap_malloc";
inline constexpr std::string_view kHeapFree = "__wasmpack_heap_free";
inline constexpr std::string_view kHeapAlignedAlloc = "__wasmpack_heap_aligned_alloc";

// Gives the functions that `use` found those names, as further global symbols of `object`. Returns
// the names it added.
std::vector<std::string_view> add_heap_names(Object& object, const HeapUse& use);

}  // namespace wasmpack
