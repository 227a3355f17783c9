// The order of a bundle's constructors, and those that the manifest expects.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packager/library.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// For each library, in the order of LinkedLibrary::constructors:
struct CtorPlan {
  std::vector<std::vector<uint32_t>> priorities;  // what the final linker sorts by
  std::vector<std::vector<uint32_t>> orders;      // the place in the bundle's chain, from 0
  uint32_t count = 0;                             // of all
};

// Library by library, or by priority across libraries with ties in the order of the manifest; the
// priorities inside a library decide either way.
CtorPlan plan_ctors(const CtorOptions& options, std::span<const LinkedLibrary> libraries);

// Reports each constructor of `ctors.expect` that no library has, with the object that defines it
// where one of the inputs does.
void check_expected_ctors(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                          DiagnosticSink& sink);

}  // namespace wasmpack
