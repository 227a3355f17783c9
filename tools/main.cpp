// The `wasmpack` command: finds the subcommand and runs it. Only the subcommand that runs builds
// its options: start-up is most of a small job.

#include <csignal>
#include <exception>
#include <string>
#include <string_view>

#include "support/version.h"
#include "tools/command.h"
#include "tools/overview.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

int run_command(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "--help" || word == "-h")
    return print_output(overview_text(), {}) ? kExitDone : kExitFailed;
  if (word == "--version") {
    return print_output("wasmpack " + std::string(kVersion) + "\n", {}) ? kExitDone : kExitFailed;
  }
  const Command* command = find_command(word);
  return command != nullptr ? command->run(argc - 1, argv + 1) : report_unknown_command(word);
}

}  // namespace
}  // namespace wasmpack

int main(int argc, char** argv) {
  // A closed pipe (`wasmpack inspect x | head`) then shows as a failed write, not as a signal.
  std::signal(SIGPIPE, SIG_IGN);
  // The same for a limit on the size of files.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return wasmpack::run_command(argc, argv);
  } catch (const std::exception& error) {  // memory is gone, or a library of others threw
    wasmpack::print_diagnostic(wasmpack::fail("internal", {}, error.what()).value(), {});
    return wasmpack::kExitInternal;
  }
}
