// The calls of one `wasmpack run`: the bundle of each, read once, and the plan.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bindgen/description.h"
#include "runner/argument.h"
#include "runner/call_plan.h"
#include "runner/engine.h"
#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

struct CallRequest {
  std::string module;
  std::string kernel;
  std::vector<std::string> arguments;
};

// The lines of --calls; an error names the line.
Result<CallRequest> parse_call_line(std::string_view line);

// Bundles and the files of arguments, kept for as long as the calls that were made of them.
class CallMaker {
 public:
  CallMaker();
  ~CallMaker();

  // The bundle at that path, read at the first time.
  Result<const BundleDescription*> describe(const std::string& module);
  Result<EngineCall> make_call(const CallRequest& request);
  // The paths of the bundles and of the arguments' files.
  std::vector<std::string> list_files() const;
  // The name of a function of a bundle that was read, for messages: "`spin`" or "function 12".
  std::string label_function(const std::string& module, uint32_t function) const;

 private:
  struct LoadedBundle;
  Result<const LoadedBundle*> load(const std::string& module);

  std::map<std::string, std::unique_ptr<LoadedBundle>> bundles_;
  std::vector<std::unique_ptr<std::vector<CallArgument>>> arguments_;
};

}  // namespace wasmpack
