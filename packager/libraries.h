// All libraries of a bundle, linked.
#pragma once

#include <vector>

#include "packager/library.h"
#include "packager/manifest.h"
#include "packager/pack_options.h"
#include "support/diagnostic.h"

namespace wasmpack {

// In the order of the manifest. A library that consists of lazy archives and has `keep-global`
// serves the others: it is linked after them and consists of what they leave undefined,
// `keep-global` matches and its archives define. Problems go to `sink`.
std::vector<LinkedLibrary> link_libraries(const Manifest& manifest, const PackOptions& options,
                                          DiagnosticSink& sink);

}  // namespace wasmpack
