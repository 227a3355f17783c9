// The features that Binaryen is told a module uses: it must neither use more than the module's
// engine has, nor refuse what is there.
#pragma once

#include <string>
#include <vector>

#include "object/object.h"

namespace wasmpack {

struct BinaryenFeature {
  std::string name;    // as in target_features
  std::string option;  // of wasm-opt: "--enable-simd"
};

// The features of `target_features` that are used or required; of a module without that section,
// those that its types, imports and segments cannot do without (code is not looked at: a module of
// lld always has the section unless it uses nothing but the MVP). Sorted by option, each once.
std::vector<BinaryenFeature> list_binaryen_features(const Object& module);

// The content of a `target_features` section with those features.
std::vector<uint8_t> encode_target_features(const std::vector<BinaryenFeature>& features);

}  // namespace wasmpack
