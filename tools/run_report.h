// What `wasmpack run` prints: a call's outcome for people and as JSON, and the list of kernels.
#pragma once

#include <string>
#include <vector>

#include <llvm/Support/JSON.h>

#include "bindgen/description.h"
#include "runner/engine.h"
#include "tools/run_calls.h"

namespace wasmpack {

// A call and what became of it.
struct RunReport {
  std::string module;
  std::string kernel;
  const CallPlan* plan = nullptr;
  const CallOutcome* outcome = nullptr;
  const CallMaker* maker = nullptr;
  std::vector<std::string> files;  // that output tensors were written to, in order
};

bool has_succeeded(const CallOutcome& outcome);

// Results a line each, then the tensors that went to no file.
std::string run_text(const RunReport& report);

// docs/run.md, "JSON". `settings` if the call was measured.
llvm::json::Object run_json(const RunReport& report, const RunSettings* settings);

std::string kernel_list_text(const BundleDescription& bundle);
llvm::json::Value kernel_list_json(const BundleDescription& bundle);

// The JSON on one line, with the line end.
std::string json_line(llvm::json::Value value);

}  // namespace wasmpack
