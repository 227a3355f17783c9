// `wasmpack help` and `wasmpack completion`: renderings of the commands' options.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "packager/manifest_schema.h"
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

// Of `page`, that of "wasmpack oci", the one that `word` names ("check").
Result<HelpPage> find_subcommand(const HelpPage& page, const std::string& word) {
  const std::string wanted = page.command + " " + word;
  std::vector<std::string_view> known;
  for (const HelpPage& subcommand : page.subcommands) {
    if (subcommand.command == wanted) return subcommand;
    known.push_back(std::string_view(subcommand.command).substr(page.command.size() + 1));
  }
  if (known.empty())
    return fail("usage", {}, "'" + page.command + "' has no commands of its own: '" + word + "'");
  std::string help = suggest_sentence(word, known);
  if (help.empty()) help = "'" + page.command + " --help' lists the commands";
  return fail("usage", {}, "unknown command '" + wanted + "'", help);
}

}  // namespace

int run_help(int argc, char** argv) {
  CLI::App app("Prints a command's options, or those of all commands.", "wasmpack help");
  app.footer(
      "Examples:\n  wasmpack help pack\n  wasmpack help oci check\n"
      "  wasmpack help --man pack | man -l -");
  std::string name, subcommand;
  bool is_manual = false;
  ReportOptions report;
  std::string names;
  for (const Command& command : all_commands()) names.append(command.name).append(",");
  app.add_option("COMMAND", name, "A command, or `manifest`: the keys of a bundle's manifest")
      ->type_name("{" + names + "manifest}");
  app.add_option("SUBCOMMAND", subcommand,
                 "One of the command's own, `check` of `oci`; a manual page has all of them")
      ->type_name("");
  app.add_flag("--man", is_manual, "A manual page (roff), as `man -l -` reads it");
  add_report_options(app, report);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  std::string text;
  if (name.empty()) {
    text = is_manual ? render_overview_manual() : overview_text();
  } else if (name == "manifest" && subcommand.empty()) {
    text = is_manual ? render_manifest_manual() : render_manifest_keys_text();
  } else {
    const Command* command = find_command(name);
    if (command == nullptr) return report_unknown_command(name);
    HelpPage page = page_of(*command);
    if (!subcommand.empty()) {
      Result<HelpPage> found = find_subcommand(page, subcommand);
      if (!found) {
        print_diagnostic(found.error(), report);
        return kExitUsage;
      }
      if (!is_manual) page = std::move(*found);
    }
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
