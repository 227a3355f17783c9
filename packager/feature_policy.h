// The manifest's [features] against what the inputs need.
#pragma once

#include <span>

#include "object/object.h"
#include "packager/library.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Reports each feature that a library uses and the manifest denies or does not allow.
void check_features(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                    DiagnosticSink& sink);

// The same for the finished module: what wasmpack itself added must keep the policy, too.
void check_module_features(const Manifest& manifest, const Object& module, DiagnosticSink& sink);

}  // namespace wasmpack
