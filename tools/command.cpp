#include "tools/command.h"

#include <string>
#include <vector>

#include "support/suggest.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

constexpr Command kCommands[] = {
    {"link", "many objects and archives in, one relocatable object out", run_link},
    {"pack", "kernel libraries and a manifest in, one module out", run_pack},
    {"inspect", "any wasm in, facts out: exports, constructors, sections", run_inspect},
    {"bindgen", "a packed module in, a typed host binding out: C, Rust, TypeScript, Python",
     run_bindgen},
    {"run", "a packed module and arguments in, what a kernel gives or how long it takes out",
     run_run},
    {"oci", "OCI layouts for registries: write a module into one, check one", run_oci},
    {"cargo-flags", "kernel libraries in, directives of a Cargo build script out", run_cargo_flags},
    {"explain", "what an error or warning means and what to do about it", run_explain},
    {"completion", "completions of this command for bash, zsh and fish", run_completion},
    {"help", "a command's options, as text or as a manual page", run_help},
};

}  // namespace

std::span<const Command> all_commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
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

}  // namespace wasmpack
