// Everything that is decided about a bundle between linking its libraries and sealing them.
#pragma once

#include <span>
#include <vector>

#include "packager/bundle_symbols.h"
#include "packager/ctor_plan.h"
#include "packager/library.h"
#include "packager/manifest.h"
#include "packager/memory_plan.h"
#include "packager/pack_options.h"
#include "packager/tvm_plan.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct BundlePlan {
  std::vector<const Kernel*> kernels;  // in the order of the registry
  CtorPlan ctors;
  MemoryPlan memory;
  TvmPlan tvm;
  std::vector<SealingPlan> sealing;  // for each library
};

// Problems go to `sink`. The plan has views into `libraries`.
BundlePlan plan_bundle(const Manifest& manifest, const PackOptions& options,
                       std::span<const LinkedLibrary> libraries, DiagnosticSink& sink);

}  // namespace wasmpack
