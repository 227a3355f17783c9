// `wasmpack help` and `wasmpack completion`: renderings of the commands' options.

#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "support/suggest.h"
#include "tools/command.h"
#include "tools/completion.h"
#include "tools/help_page.h"
#include "tools/manual.h"
#include "tools/overview.h"
#include "tools/report.h"
#include "tools/terminal.h"

namespace wasmpack {
namespace {

HelpPage page_of(const Command& command) {
  return capture_help(command.run, std::string(command.name).c_str());
}

}  // namespace

int run_help(int argc, char** argv) {
  CLI::App app("Prints a command's options, or those of all commands.", "wasmpack help");
  app.footer("Examples:\n  wasmpack help pack\n  wasmpack help --man pack | man -l -");
  std::string name;
  bool is_manual = false;
  ReportOptions report;
  std::string names;
  for (const Command& command : all_commands()) names.append(command.name).append(",");
  app.add_option("COMMAND", name,
                 "A command; with --man also `manifest`, the page of the manifest's keys")
      ->type_name("{" + names + "manifest}");
  app.add_flag("--man", is_manual, "A manual page (roff), as `man -l -` reads it");
  add_report_options(app, report);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  std::string text;
  if (name.empty()) {
    text = is_manual ? render_overview_manual() : overview_text();
  } else if (is_manual && name == "manifest") {
    text = render_manifest_manual();
  } else {
    const Command* command = find_command(name);
    if (command == nullptr) return report_unknown_command(name);
    const HelpPage page = page_of(*command);
    text = is_manual ? render_manual(page) : render_help(page, terminal_width(STDOUT_FILENO));
  }
  return print_output(text, report) ? kExitDone : kExitFailed;
}

int run_completion(int argc, char** argv) {
  CLI::App app(
      "Prints completions of the wasmpack command for a shell.\n\n"
      "  bash: eval \"$(wasmpack completion bash)\" in ~/.bashrc\n"
      "  zsh:  wasmpack completion zsh >DIR/_wasmpack, with DIR in fpath\n"
      "  fish: wasmpack completion fish >~/.config/fish/completions/wasmpack.fish",
      "wasmpack completion");
  std::string shell;
  ReportOptions report;
  app.add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}));
  add_report_options(app, report);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  std::vector<HelpPage> pages;
  for (const Command& command : all_commands()) pages.push_back(page_of(command));
  const std::string text = shell == "bash"  ? render_bash_completion(pages)
                           : shell == "zsh" ? render_zsh_completion(pages)
                                            : render_fish_completion(pages);
  return print_output(text, report) ? kExitDone : kExitFailed;
}

}  // namespace wasmpack
