// A bundle's manifest as the rules that the bundle must keep: `wasmpack inspect --expect`.
#pragma once

#include "inspect/checks/rules.h"
#include "packager/manifest.h"

namespace wasmpack {

// Package, exports of the contract (docs/bundle-abi.md), kernels, imports and features.
Rules make_manifest_rules(const Manifest& manifest);

}  // namespace wasmpack
