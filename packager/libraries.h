// All libraries of a bundle, prepared for the final link.
#pragma once

#include <vector>

#include "packager/library.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// In the order of the manifest, their constructors numbered in it. A library that consists of lazy
// archives and has `keep-global` serves the others: it is linked after them and consists of what
// they leave undefined, `keep-global` matches and its archives define. Problems go to `sink`.
std::vector<PreparedLibrary> prepare_libraries(const Manifest& manifest, DiagnosticSink& sink);

}  // namespace wasmpack
