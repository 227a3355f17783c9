// The plan of a bundle as text, for `pack --dry-run`.
#pragma once

#include <span>
#include <string>

#include "packager/bundle_plan.h"
#include "packager/params.h"

namespace wasmpack {

std::string describe_plan(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                          const BundlePlan& plan, std::span<const Param> params);

}  // namespace wasmpack
