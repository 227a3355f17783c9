// The `wasmpack` command: finds the subcommand and runs it. Only the subcommand that runs builds
// its options: start-up is most of a small job.

#include <csignal>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "support/suggest.h"
#include "support/version.h"
#include "tools/command.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(int argc, char** argv);
};

constexpr Command kCommands[] = {
    {"link", "many objects and archives in, one relocatable object out", run_link},
    {"pack", "kernel libraries and a manifest in, one module out", run_pack},
    {"inspect", "any wasm in, facts out: exports, constructors, sections", run_inspect},
    {"bindgen", "a packed module in, a typed host binding out: C, Rust, TypeScript, Python",
     run_bindgen},
    {"run", "calls a kernel of a packed module, prints its results, measures it", run_run},
};

std::string help_text() {
  std::string text =
      "wasmpack: link, seal, pack and inspect WebAssembly kernel libraries\n\n"
      "Usage: wasmpack COMMAND [options]\n\nCommands:\n";
  for (const Command& command : kCommands) {
    text += "  ";
    text += command.name;
    text.append(10 - command.name.size(), ' ');
    text += command.summary;
    text += '\n';
  }
  text +=
      "\nOptions:\n"
      "  -h, --help  this text; 'wasmpack COMMAND --help' has a command's options\n"
      "  --version   the version\n\n"
      "Exit codes: 0 done; 1 failed; 2 wrong usage or unreadable input; 70 internal error.\n";
  return text;
}

int report_unknown_command(std::string_view word) {
  std::vector<std::string_view> known;
  for (const Command& command : kCommands) known.push_back(command.name);
  std::string help = suggest_sentence(word, known);
  if (help.empty()) help = "'wasmpack --help' lists the commands";
  const std::string message =
      word.empty() ? "no command given" : "unknown command '" + std::string(word) + "'";
  print_diagnostic(fail("usage", {}, message, help).value(), {});
  return kExitUsage;
}

int run_command(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "--help" || word == "-h")
    return print_output(help_text(), {}) ? kExitDone : kExitFailed;
  if (word == "--version") {
    return print_output("wasmpack " + std::string(kVersion) + "\n", {}) ? kExitDone : kExitFailed;
  }
  for (const Command& command : kCommands) {
    if (command.name == word) return command.run(argc - 1, argv + 1);
  }
  return report_unknown_command(word);
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
