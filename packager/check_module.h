// Our own checks of the module that the final link made, and validation by wabt in a child program.
#pragma once

#include <span>

#include "object/object.h"
#include "packager/bundle_symbols.h"
#include "packager/kernels.h"
#include "packager/manifest.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Holds what the final linker made against docs/bundle-abi.md and the manifest: exactly the
// declared exports, with their types; no import but those allowed; each of the `ctor_count`
// constructors called once by the chain; no start function but the linker's own, no shared or
// 64-bit memory. `undefined` are the functions that the manifest let become imports.
void check_module(const Object& module, const Manifest& manifest,
                  std::span<const Kernel* const> kernels, const UndefinedFunctions& undefined,
                  uint32_t ctor_count, DiagnosticSink& sink);

// Lets wabt, with all features, validate the module. What wabt does not know is a note.
void validate_module(Bytes module, DiagnosticSink& sink);

}  // namespace wasmpack
