// The `wasmpack.manifest` custom section: what a bundle is and what went into it, readable without
// instantiating it (docs/bundle-abi.md).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "object/object.h"
#include "packager/ctor_plan.h"
#include "packager/library.h"
#include "packager/manifest.h"
#include "packager/params.h"

namespace wasmpack {

inline constexpr std::string_view kManifestSection = "wasmpack.manifest";

// Canonical JSON: sorted keys, integers only, no time, no path. `module` is the finished module.
std::string make_bundle_manifest(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                                 const CtorPlan& ctors, std::span<const Param> params,
                                 const Object& module);

}  // namespace wasmpack
