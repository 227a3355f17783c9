// What every command shares towards its user: exit codes, diagnostics as text or JSON lines,
// colour, and the handling of a wrong command line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostic.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace wasmpack {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;     // the link or pack failed, or findings
inline constexpr int kExitUsage = 2;      // wrong command line or unreadable input
inline constexpr int kExitInternal = 70;  // our own bug

// The values of --color and --message-format, which CLI11 has already checked.
struct ReportOptions {
  std::string color = "auto";           // auto | always | never
  std::string message_format = "text";  // text | json
};

// Adds --color and --message-format.
void add_report_options(CLI::App& app, ReportOptions& options);

// For an option whose value is one of a few words; the help and completions know them, too.
CLI::Validator one_of(std::vector<std::string> words);

// Parses a command's arguments. Nothing if the command may go on; else the exit code, help or error
// having been printed. `argv[0]` is the command's name and is skipped.
std::optional<int> parse_arguments(CLI::App& app, int argc, char** argv);
// The same for arguments that were edited first (response files expanded); without a name.
std::optional<int> parse_arguments(CLI::App& app, std::vector<std::string> arguments);

// Whether to colour what goes to file descriptor `fd`. `never` and `always` decide; for `auto`
// NO_COLOR turns it off, CLICOLOR_FORCE (not "0") on, and else a terminal that is not dumb gets it.
bool want_color(const ReportOptions& options, int fd);

// Messages that are printed as text: an archive of the wrong kind has thousands of them.
inline constexpr size_t kMostMessages = 20;

// Prints to stderr, in the order given, as text the first kMostMessages and a count of the other
// errors. DiagnosticSink::take_sorted() sorts.
void print_diagnostics(std::span<const Diagnostic> diagnostics, const ReportOptions& options);
void print_diagnostic(const Diagnostic& diagnostic, const ReportOptions& options);

// Writes all of `text` to stdout; false, with the system's reason on stderr, if that fails (a
// reader who has gone gets no message).
bool print_output(std::string_view text, const ReportOptions& options);

}  // namespace wasmpack
