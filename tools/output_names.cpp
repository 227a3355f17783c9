#include "tools/output_names.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

namespace wasmpack {

namespace fs = std::filesystem;

std::vector<Diagnostic> check_output_names(std::span<const std::string> outputs,
                                           std::span<const std::string> inputs) {
  std::vector<Diagnostic> problems;
  std::set<fs::path> taken;
  for (const std::string& output : outputs) {
    std::error_code ignored;
    if (output.empty() || output == "-" || fs::is_other(output, ignored)) continue;
    if (!taken.insert(fs::weakly_canonical(fs::absolute(output), ignored)).second) {
      problems.push_back(
          fail("usage", {.file = output}, "two outputs would have this name").value());
    }
    const bool is_input = std::ranges::any_of(
        inputs, [&](const std::string& input) { return fs::equivalent(output, input, ignored); });
    if (is_input) {
      problems.push_back(fail("usage", {.file = output},
                              "this is an input, which an output would replace",
                              "name another file or folder with -o")
                             .value());
    }
  }
  return problems;
}

}  // namespace wasmpack
