// Which objects of runtime/ a bundle needs.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "packager/bundle_symbols.h"
#include "packager/manifest.h"
#include "packager/memory_plan.h"
#include "packager/runtime_objects.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Whether the file of that name belongs to an adapter.
bool is_adapter_file(std::string_view name);

struct ChosenRuntime {
  std::vector<RuntimeObject> files;  // in link order
  std::vector<Object> objects;       // the same, read
};

// Registry and guard, the allocator of `plan`, the adapters of `options`, and of the shims (tvm_*)
// those that define a function which `parts` (libraries and what was generated for them) or the
// runtime refer to and none of them defines.
ChosenRuntime choose_runtime(const BundleOptions& options, const MemoryPlan& plan,
                             std::span<const BundlePart> parts, DiagnosticSink& sink);

}  // namespace wasmpack
