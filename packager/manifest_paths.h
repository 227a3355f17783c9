// Paths in a manifest: relative to its folder, and inside it unless the user says otherwise.
#pragma once

#include <string>
#include <vector>

#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// The files that `path` names: itself, or what its pattern matches as a shell would (in byte order,
// without folders). Nothing, with an error, if a pattern matches nothing.
std::vector<std::string> expand_manifest_path(const Manifest& manifest, const PlacedString& path,
                                              DiagnosticSink& sink);

// What a manifest says to name exactly the file `path`.
std::string escape_manifest_path(const std::string& path);

// Whether `file`, a result of the above for `path`, lies in the manifest's folder once all symbolic
// links are followed; an error if not. A file that does not exist is no concern of this check.
bool check_inside(const Manifest& manifest, const PlacedString& path, const std::string& file,
                  DiagnosticSink& sink);

}  // namespace wasmpack
