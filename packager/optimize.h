// Optimization of the finished module by Binaryen, which runs in a child program: the built-in one,
// or a wasm-opt that the user names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packager/manifest.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct OptimizeOptions {
  OptimizeLevel level = OptimizeLevel::none;  // as wasm-opt's options
  std::string wasm_opt;                       // path of a wasm-opt; empty: the built-in Binaryen
  bool keep_names = false;  // keep the `name` section, with the names of what is left
};

// Optimizes `module`, a finished module as lld makes it. Binaryen gets the module's own features,
// those that `target_features` lists as used; of a module without that section, the features that
// its sections cannot do without.
//
// The result has the same exports, memories, tables and start function, and no import that `module`
// has not; otherwise there is an error. Custom sections stay byte for byte, except `name` and those
// that describe the code as it was (debug information, source maps, `metadata.code.*`), which are
// dropped, with a note.
//
// Where Binaryen does not know a feature (a note), fails, or does not end in time (a warning), the
// bytes of `module` are returned. Nothing is returned after an error: a helper program that cannot
// be started, or a result that is not the same module. The result depends on `module`, `options`
// and the version of Binaryen only.
std::optional<std::vector<uint8_t>> optimize_module(Bytes module, const OptimizeOptions& options,
                                                    DiagnosticSink& sink);

}  // namespace wasmpack
