// Packs the libraries of a manifest into one module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packager/manifest.h"
#include "packager/pack_options.h"
#include "support/bytes.h"
#include "support/diagnostic.h"
#include "support/input_file.h"
#include "support/timer.h"

namespace wasmpack {

// A param that is delivered beside the bundle.
struct ExternalParam {
  std::string file_name;
  InputFile file;
  Bytes content;  // a view into `file`
};

struct PackResult {
  std::vector<uint8_t> module;  // empty if only the plan was asked for
  std::vector<ExternalParam> params;
};

// What a pack tells besides its result.
struct PackReport {
  size_t libraries = 0;
  size_t kernels = 0;
  size_t constructors = 0;
  std::vector<std::string> files;  // all that was read but the manifest itself, in that order
  std::string plan;                // the decisions as text, if PackOptions::plan_only
  std::string map;                 // the final linker's, if PackOptions::want_map
  PhaseTimes times;
};

// The finished, validated module: docs/bundle-abi.md. Problems go to `sink`; nothing is returned if
// any of them is an error. The bytes depend on the manifest, the options and the content of the
// inputs only.
std::optional<PackResult> pack_bundle(const Manifest& manifest, const PackOptions& options,
                                      PackReport& report, DiagnosticSink& sink);

}  // namespace wasmpack
