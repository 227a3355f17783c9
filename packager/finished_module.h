// The last step of a pack: custom sections. What the manifest says to strip goes, what describes
// the bundle comes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "packager/manifest.h"

namespace wasmpack {

// `module` with its `producers` extended by wasmpack, the sections of the wasm-metadata convention
// (`authors`, `description`, `licenses`, `source`, `homepage`, `revision`, `version`: each the text
// alone), the section `wasmpack.manifest` with `bundle_manifest`, and a `build_id` (a hash of all
// other bytes). Without the records of `link`, which are in the manifest section, and without what
// `strip` names: debug information, or that and all names.
//
// Sources: tool-conventions ProducersSection.md and BuildId.md; wasm-tools' wasm-metadata.
std::vector<uint8_t> finish_module(const Object& module, const Manifest& manifest,
                                   std::string_view bundle_manifest);

}  // namespace wasmpack
