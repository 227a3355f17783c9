// `wasmpack inspect`: facts and findings about any wasm file, in any of their renderings.

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <llvm/Support/raw_ostream.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "support/input_file.h"
#include "tools/command.h"
#include "tools/inspect_arguments.h"
#include "tools/inspect_compare.h"
#include "tools/inspect_fix.h"
#include "tools/inspect_gather.h"
#include "tools/inspect_pages.h"
#include "tools/inspect_rules.h"
#include "tools/inspect_sizes.h"
#include "tools/report.h"
#include "tools/terminal.h"

namespace wasmpack {
namespace {

// Inspects one file after the other; problems are printed as they are met, and the other files and
// members still shown.
class Inspector {
 public:
  explicit Inspector(const InspectOptions& options)
      : options_(options),
        style_{want_color(options.report, STDOUT_FILENO), terminal_width(STDOUT_FILENO)},
        sizes_(options.sizes, out_, style_.color),
        pages_(options) {}

  // The exit code.
  int run() {
    for (const std::string& path : options_.files) inspect_file(path);
    for (const Diagnostic& problem : sizes_.finish()) report_problem(problem);
    if (const Result<void> written = pages_.write(); !written) {
      report(written.error());
      return kExitFailed;
    }
    out_.flush();
    if (out_.has_error()) {
      if (out_.error().value() != EPIPE)
        report(fail("cannot-write", {.file = "<stdout>"}, "cannot write: " + out_.error().message())
                   .value());
      out_.clear_error();
      return kExitFailed;
    }
    if (has_problem_) return kExitUsage;
    return has_failing_finding_ ? kExitFailed : kExitDone;
  }

 private:
  void inspect_file(const std::string& path) {
    const Result<InputFile> file = InputFile::open(path);
    if (!file) return report_problem(file.error());
    InspectedInput input = inspect_input(*file, options_);
    for (const Diagnostic& problem : input.problems) report_problem(problem);
    if (input.file) {
      note_findings(*input.file);
      if (!pages_.take_stdout()) print_file(*input.file);
      pages_.add(std::move(*input.file));
    }
    if (input.archive) {
      for (const Inspected& member : input.archive->inspected) note_findings(member);
      if (!pages_.take_stdout()) print_archive(*input.archive);
      for (Inspected& member : input.archive->inspected) pages_.add(std::move(member));
    }
  }

  void print_file(const Inspected& inspected) {
    if (options_.json) return print_json(inspected);
    if (options_.sizes.csv) return sizes_.add_file(inspected.facts);
    separate_files();
    render_facts_text(out_, inspected, options_.tables, style_);
    sizes_.add_file(inspected.facts);
  }

  void print_archive(const InspectedArchive& archive) {
    if (options_.json) {
      render_archive_json(out_, archive);
      for (const Inspected& inspected : archive.inspected) print_json(inspected);
      return;
    }
    if (!options_.sizes.csv) {
      separate_files();
      render_archive_text(out_, archive, options_.tables, style_);
    }
    if (!options_.sizes.is_empty()) sizes_.add_archive(archive);
  }

  void print_json(const Inspected& inspected) {
    sizes_.note_file(inspected.facts);
    render_facts_json(out_, inspected);
  }

  void note_findings(const Inspected& inspected) {
    if (std::ranges::any_of(inspected.findings, [this](const Diagnostic& finding) {
          return is_failing(options_, finding.severity);
        }))
      has_failing_finding_ = true;
  }

  void separate_files() {
    if (has_output_) out_ << '\n';
    has_output_ = true;
  }

  void report_problem(const Diagnostic& problem) {
    has_problem_ = true;
    report(problem);
    pages_.add_problem(problem);
  }

  void report(const Diagnostic& diagnostic) {
    out_.flush();  // what was found out before stands before
    print_diagnostic(diagnostic, options_.report);
  }

  const InspectOptions& options_;
  llvm::raw_fd_ostream out_{STDOUT_FILENO, /*shouldClose=*/false};
  TextStyle style_;
  SizeReporter sizes_;
  InspectPages pages_;
  bool has_output_ = false;
  bool has_problem_ = false;
  bool has_failing_finding_ = false;
};

}  // namespace

int run_inspect(int argc, char** argv) {
  CLI::App app(
      "Shows what is in WebAssembly files: what they are, whether their constructors run "
      "and who calls them, what is wrong with them, exports, imports, sections, symbols, sizes.",
      "wasmpack inspect");
  InspectOptions options;
  add_inspect_options(app, options);
  if (const std::optional<int> exit_code = parse_arguments(app, argc, argv)) return *exit_code;
  if (!options.checks.list_checks.empty()) return list_checks(options.checks, options.report);
  if (options.fix.mode) return run_fix(options.files, options.fix, options.report);
  DiagnosticSink problems;
  std::optional<Rules> rules = read_demands(options.checks, problems);
  print_diagnostics(problems.take_sorted(), options.report);
  if (!rules) return kExitUsage;
  options.rules = std::move(*rules);
  if (options.compare.is_asked()) return run_inspect_compare(options);
  if (const Result<void> may_write = check_page_files(options); !may_write) {
    print_diagnostic(may_write.error(), options.report);
    return kExitUsage;
  }
  options.sizes.wants_symbols = !options.html.empty();
  options.sizes.wants_graph = !options.dot.empty();
  choose_default_tables(options);
  return Inspector(options).run();
}

}  // namespace wasmpack
