// Which objects of runtime/ a bundle needs.
#pragma once

#include <span>
#include <vector>

#include "object/object.h"
#include "packager/library.h"
#include "packager/memory_plan.h"
#include "packager/runtime_objects.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct ChosenRuntime {
  std::vector<RuntimeObject> files;  // in link order
  std::vector<Object> objects;       // the same, read
};

// Registry and guard, the allocator of `plan`, and of the shims (tvm_*) those that define a
// function which libraries or runtime refer to and no library defines.
ChosenRuntime choose_runtime(const MemoryPlan& plan, std::span<const PreparedLibrary> libraries,
                             DiagnosticSink& sink);

}  // namespace wasmpack
