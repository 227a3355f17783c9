// The files that a library's `inputs` name.
#pragma once

#include <string>
#include <vector>

#include "linker/link.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Expands the globs of `library` (as a shell does, but in byte order), relative to the manifest's
// folder, and opens each file once, in the order of the manifest. Files that cannot be opened and
// patterns that match nothing are reported; the exit code for the former is tools' business, their
// id is "cannot-read".
std::vector<LinkInput> open_library_inputs(const Manifest& manifest, const LibraryRequest& library,
                                           DiagnosticSink& sink);

}  // namespace wasmpack
