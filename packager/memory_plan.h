// Who in a bundle takes which memory: at most one library owns the initial heap, and the bundle's
// own allocator gives way to it (docs/bundle-abi.md, "Memory").
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "packager/library.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct MemoryPlan {
  std::optional<uint32_t> owner;  // the library that owns the initial heap
  // wasmpack_alloc and wasmpack_free are the owner's aligned_alloc and free.
  bool owner_allocates = false;
  // The owner takes all memory there is at its first malloc, so that comes first: before the
  // bundle's own allocator grows memory, and before the first constructor.
  bool owner_claims = false;
  // A kernel of another library may grow memory even before the host has called `_initialize`, so
  // that malloc comes at instantiation.
  bool claims_at_start = false;
};

// The function of the runtime that makes the owner take its memory, once (runtime/heap_claim.c).
inline constexpr std::string_view kClaimHeap = "__wasmpack_claim_heap";

// Reports libraries that would hand out memory of others, with the way out.
MemoryPlan plan_memory(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                       DiagnosticSink& sink);

}  // namespace wasmpack
