// Manifests that nobody wrote: of a command line that names libraries, and the first draft for a
// user who has some.
#pragma once

#include <span>
#include <string>

#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// One library for each file, named after it; `kernels` are symbols or patterns asked of all of them
// together. For a pack with PackOptions::share_symbols and ::allow_outside.
Manifest make_manifest_for_files(std::span<const std::string> files,
                                 std::span<const std::string> kernels, std::string package);

// A commented manifest as text: one [[library]] for each file, with the kernels it offers, or
// commented out those that it could. `folder` is where the manifest will lie: paths are written
// relative to it. Problems with the files go to `sink`.
std::string draft_manifest(std::span<const std::string> files, const std::string& folder,
                           std::string package, DiagnosticSink& sink);

}  // namespace wasmpack
