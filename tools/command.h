// The subcommands of `wasmpack`. Each gets its own argument vector, argv[0] being the command's
// name, and returns an exit code of tools/report.h.
#pragma once

#include <span>
#include <string_view>

namespace wasmpack {

struct Command {
  std::string_view name;
  std::string_view summary;  // one line
  int (*run)(int argc, char** argv);
};

// All of them, in the order in which the help lists them.
std::span<const Command> all_commands();
const Command* find_command(std::string_view name);  // null: there is none
// "'pakc' is no command" with a suggestion.
int report_unknown_command(std::string_view word);

int run_link(int argc, char** argv);
int run_pack(int argc, char** argv);
int run_inspect(int argc, char** argv);
int run_bindgen(int argc, char** argv);
int run_explain(int argc, char** argv);
int run_completion(int argc, char** argv);
int run_help(int argc, char** argv);
int run_cargo_flags(int argc, char** argv);
int run_oci(int argc, char** argv);
int run_run(int argc, char** argv);

}  // namespace wasmpack
