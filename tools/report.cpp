#include "tools/report.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include "support/suggest.h"
#include "tools/help_page.h"
#include "tools/terminal.h"

namespace wasmpack {
namespace {

// Writes all of `text`, through interruptions and short writes. Returns 0 or errno.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// A command line that CLI11 refused may not have reached our options, so the two that decide how to
// say so are looked up in it directly.
ReportOptions scan_report_options(const std::vector<std::string>& arguments) {
  ReportOptions options;
  const std::pair<std::string_view, std::string*> known[] = {
      {"--color", &options.color}, {"--message-format", &options.message_format}};
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    for (const auto& [name, value] : known) {
      const std::string_view argument = arguments[i];
      if (!argument.starts_with(name)) continue;
      if (argument.size() > name.size() && argument[name.size()] == '=')
        *value = argument.substr(name.size() + 1);
      else if (argument == name && i + 1 < arguments.size())
        *value = arguments[i + 1];
    }
  }
  return options;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The subcommand that the arguments name, or the command itself.
const CLI::App& called_app(const CLI::App& app) {
  const std::vector<CLI::App*> called = app.get_subcommands();
  return called.empty() ? app : called_app(*called.back());
}

// The first argument that looks like an option and was not understood, or empty.
std::string find_unknown_option(const CLI::App& app) {
  for (const std::string& argument : app.remaining()) {
    if (argument == "--") break;
    if (argument.size() > 1 && argument[0] == '-') return argument.substr(0, argument.find('='));
  }
  return {};
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  const auto check = [words = std::move(words), list](const std::string& value) {
    const bool is_known = std::find(words.begin(), words.end(), value) != words.end();
    return is_known ? std::string() : "'" + value + "' is none of " + list;
  };
  return CLI::Validator(check, "{" + list + "}");
}

void add_report_options(CLI::App& app, ReportOptions& options) {
  app.add_option("--color", options.color, "Colour: auto, always or never")
      ->type_name("WHEN")
      ->check(one_of({"auto", "always", "never"}));
  app.add_option("--message-format", options.message_format,
                 "Errors and warnings as text, or as one JSON object a line: text or json")
      ->type_name("FORMAT")
      ->check(one_of({"text", "json"}));
}

std::optional<int> parse_arguments(CLI::App& app, int argc, char** argv) {
  return parse_arguments(app, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

std::optional<int> parse_arguments(CLI::App& app, std::vector<std::string> arguments) {
  if (HelpPage* page = wanted_help_page(); page != nullptr) {
    *page = describe_help(app);
    return kExitDone;
  }
  const ReportOptions report = scan_report_options(arguments);
  std::string message;
  try {
    // CLI11 takes a vector of arguments from its back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    const HelpPage page = describe_help(called_app(app));
    const std::string text = render_help(page, terminal_width(STDOUT_FILENO));
    return print_output(text, report) ? kExitDone : kExitFailed;
  } catch (const CLI::ParseError& error) {
    message = error.what();
  }
  // CLI11 complains of a missing input before it complains of the mistyped option that ate it.
  std::string help;
  if (const std::string unknown = find_unknown_option(app); !unknown.empty()) {
    message = "unknown option '" + unknown + "'";
    const std::vector<std::string> names = option_names(app);
    help = suggest_sentence(unknown, std::vector<std::string_view>(names.begin(), names.end()));
  }
  if (help.empty()) help = "'" + app.get_name() + " --help' lists the options";
  print_diagnostic(fail("usage", {}, message, help).value(), report);
  return kExitUsage;
}

bool want_color(const ReportOptions& options, int fd) {
  if (options.color == "always") return true;
  if (options.color == "never" || is_set("NO_COLOR")) return false;
  if (is_set("CLICOLOR_FORCE") && std::strcmp(std::getenv("CLICOLOR_FORCE"), "0") != 0) return true;
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) != 0 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

void print_diagnostics(std::span<const Diagnostic> diagnostics, const ReportOptions& options) {
  const bool color = want_color(options, STDERR_FILENO);
  const bool as_json = options.message_format == "json";
  std::string text;
  size_t shown = 0;
  size_t errors_left_out = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!as_json && shown == kMostMessages) {
      if (diagnostic.severity == Severity::error) ++errors_left_out;
      continue;
    }
    ++shown;
    text += as_json ? render_json(diagnostic) : render_text(diagnostic, color);
  }
  if (errors_left_out != 0) {
    text += "wasmpack: and " + std::to_string(errors_left_out) +
            " more errors (--message-format=json prints them all)\n";
  }
  write_all(STDERR_FILENO, text);  // nowhere is left to complain to
}

void print_diagnostic(const Diagnostic& diagnostic, const ReportOptions& options) {
  print_diagnostics({&diagnostic, 1}, options);
}

bool print_output(std::string_view text, const ReportOptions& options) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == 0) return true;
  if (error == EPIPE) return false;  // the reader has gone and knows it
  Location output;
  output.file = "<stdout>";
  const std::string reason = std::generic_category().message(error);
  print_diagnostic(fail("cannot-write", output, "cannot write: " + reason).value(), options);
  return false;
}

}  // namespace wasmpack
