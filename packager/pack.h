// Packs the libraries of a manifest into one module.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "packager/manifest.h"
#include "support/diagnostic.h"
#include "support/timer.h"

namespace wasmpack {

struct PackReport {
  size_t libraries = 0;
  size_t kernels = 0;
  size_t constructors = 0;
  PhaseTimes times;
};

// The finished, validated module: docs/bundle-abi.md. Problems go to `sink`; nothing is returned if
// any of them is an error. The bytes depend on the manifest and on the content of the inputs only.
std::optional<std::vector<uint8_t>> pack_bundle(const Manifest& manifest, PackReport& report,
                                                DiagnosticSink& sink);

}  // namespace wasmpack
