// The command line of `wasmpack run`.
#pragma once

#include <string>
#include <vector>

#include "runner/engine.h"
#include "tools/report.h"

namespace CLI {
class App;
}

namespace wasmpack {

struct RunOptions {
  std::string module;
  std::string kernel;
  std::vector<std::string> arguments;
  std::vector<std::string> outputs;  // files for output tensors, in order
  std::string calls;                 // a file of calls, in place of module and kernel
  std::string engine = "interp";
  std::string imports = "trap";
  double timeout = 60;  // s
  uint32_t warmup = 3, repeat = 10, inner = 1;
  bool list = false;
  bool json = false;
  bool bench = false;
  ReportOptions report;
};

void add_run_options(CLI::App& app, RunOptions& options);

RunSettings run_settings(const RunOptions& options);

// CLI11 would take "-inf" for options: a blank in front makes it an argument, which
// read_run_argument() takes away again.
std::vector<std::string> protect_numbers(int argc, char** argv);
std::string_view plain_argument(std::string_view argument);

}  // namespace wasmpack
