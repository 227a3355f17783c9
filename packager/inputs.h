// The files that a library's `inputs` name.
#pragma once

#include <string>
#include <vector>

#include "linker/link.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct LibraryInputs {
  std::vector<std::string> paths;   // of the files, in the order they are linked
  std::vector<std::string> hashes;  // sha256 of each, 64 lower-case hexadecimal digits
  std::vector<LinkInput> files;     // what is linked: the members of a tar file are one each
};

// Expands the globs of `library`, relative to the manifest's folder, and opens each file once, in
// the order of the manifest; holds them against the manifest's sha256. Problems are reported; for
// files that cannot be opened the id is "cannot-read", since the exit code is tools' business.
LibraryInputs open_library_inputs(const Manifest& manifest, const LibraryRequest& library,
                                  bool allow_outside, DiagnosticSink& sink);

// "sha256" of bytes as the manifest writes it.
std::string hash_text(Bytes bytes);

}  // namespace wasmpack
