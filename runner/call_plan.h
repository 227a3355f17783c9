// A call of one kernel, ready for any engine: what goes into the bundle's memory, and what comes
// out of it. Engines know nothing of tensors or of TVM.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindgen/description.h"
#include "runner/argument.h"
#include "runner/tensor.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Memory that the engine gets from wasmpack_alloc and fills: with `content`, zeros behind it, and
// then with the addresses of other buffers.
struct PlanBuffer {
  uint32_t size = 0;
  uint32_t align = 16;
  Bytes content;
  struct Patch {
    uint32_t offset;
    uint32_t buffer;  // whose address is written there, 4 bytes
  };
  std::vector<Patch> patches;
};

// How a kernel says that it failed: its first result is not zero.
enum class FailureSign : uint32_t { none = 0, error_text = 1, code = 2 };

// What is read back from a buffer after the call.
struct PlanOutput {
  enum class Kind : uint8_t { frame, tensor, tvm_result } kind;
  uint32_t buffer;
  size_t argument = 0;  // of a tensor: which one, from 0
  TensorType type;      // of a tensor
};

struct CallPlan {
  std::string kernel;
  std::string signature;
  uint32_t abi = 0;
  uint32_t library = 0;
  FailureSign failure_sign = FailureSign::none;
  std::vector<PlanBuffer> buffers;
  uint32_t frame = 0;  // the buffer that the trampoline is called with
  std::vector<PlanOutput> outputs;
  std::vector<BoundImport> imports;

  // What buffers point into; a plan that is moved leaves it in its place, and none is copied.
  std::vector<std::unique_ptr<std::vector<uint8_t>>> owned;
};

// Checks the arguments against the kernel's type, and against the tensors that the manifest
// declares. `arguments` must outlive the plan.
Result<CallPlan> plan_call(const BundleDescription& bundle, const BoundKernel& kernel,
                           const std::vector<CallArgument>& arguments);

}  // namespace wasmpack
