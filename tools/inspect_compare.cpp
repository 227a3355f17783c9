#include "tools/inspect_compare.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <llvm/Support/raw_ostream.h>
#include <unistd.h>

#include "inspect/checks/check_table.h"
#include "inspect/compare/compared_file.h"
#include "inspect/compare/conflicts.h"
#include "inspect/compare/difference.h"
#include "inspect/compare/link_line.h"
#include "inspect/render/render_compare.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "support/input_file.h"
#include "tools/inspect_gather.h"
#include "tools/report.h"
#include "tools/terminal.h"

namespace wasmpack {
namespace {

// Files with their facts. Facts point into the files, so they are kept together.
class ComparedFiles {
 public:
  explicit ComparedFiles(const ReportOptions& report, bool needs_sizes = false)
      : report_(report), needs_sizes_(needs_sizes) {}

  // Prints why a file or member cannot be read; of an archive the other members are still there.
  void read(const std::string& path) {
    Result<InputFile> opened = InputFile::open(path);
    if (!opened) return report(opened.error());
    const InputFile& file = inputs_.emplace_back(std::move(*opened));
    ComparedFile compared{file.path(), file.bytes().size(), false, {}, {}};
    if (identify_file(file.bytes()) == FileKind::archive) {
      compared.is_archive = true;
      const Result<std::vector<ArchiveMember>> members = read_archive(file.bytes(), file.path());
      if (!members) return report(members.error());
      for (const ArchiveMember& member : *members)
        if (!is_rust_metadata(member.name)) add_facts(compared, member.bytes, member.name);
    } else {
      add_facts(compared, file.bytes(), {});
      if (compared.members.empty()) return;
    }
    files_.push_back(std::move(compared));
  }

  void report(const Diagnostic& problem) {
    has_problem_ = true;
    print_diagnostic(problem, report_);
  }

  const std::vector<ComparedFile>& all() const { return files_; }
  bool are_same(size_t a, size_t b) const {
    return std::ranges::equal(inputs_[a].bytes(), inputs_[b].bytes());
  }
  bool has_problem() const { return has_problem_; }

 private:
  void add_facts(ComparedFile& compared, Bytes bytes, std::string_view member) {
    Result<GatheredFile> gathered = gather_file(bytes, compared.path, member);
    if (!gathered) return report(gathered.error());
    const Facts& facts = gathered->facts;
    if (!gathered->object || (compared.is_archive && facts.kind != WasmKind::object)) {
      return report(describe_wrong_input(
          identify_file(bytes), {.file = compared.path, .member = std::string(member)}, bytes));
    }
    if (needs_sizes_)
      compared.sizes.push_back(measure_sizes(*gathered->object, facts, SizeDetail::symbols));
    compared.members.push_back(std::move(gathered->facts));
  }

  const ReportOptions& report_;
  bool needs_sizes_;
  std::vector<InputFile> inputs_;
  std::vector<ComparedFile> files_;
  bool has_problem_ = false;
};

TextStyle style_of(const InspectOptions& options) {
  return {want_color(options.report, STDOUT_FILENO), terminal_width(STDOUT_FILENO)};
}

// Prints what is wrong and gives the exit code.
int refuse(const InspectOptions& options, std::string message, std::string help = {}) {
  print_diagnostic(fail("bad-option", {}, std::move(message), std::move(help)).value(),
                   options.report);
  return kExitUsage;
}

// Finished modules do not meet in one link: each has its own names and its own memory.
bool refuse_modules(const InspectOptions& options, ComparedFiles& files) {
  bool refused = false;
  for (const ComparedFile& file : files.all()) {
    if (file.is_relocatable()) continue;
    refused = true;
    files.report(fail("not-relocatable", {.file = file.path},
                      "is a finished module, which is not linked with others: the same export in "
                      "two modules is no collision",
                      options.compare.conflicts
                          ? "give the objects and archives that it was linked from"
                          : "give the objects and archives of the link")
                     .value());
  }
  return refused;
}

int finish(std::string_view output, bool has_findings, const ComparedFiles& files,
           const ReportOptions& report) {
  if (!print_output(output, report)) return kExitFailed;
  if (files.has_problem()) return kExitUsage;
  return has_findings ? kExitFailed : kExitDone;
}

int run_diff(const InspectOptions& options) {
  if (options.files.size() != 1)
    return refuse(options, "--diff compares two files: OLD and one FILE",
                  "wasmpack inspect --diff OLD NEW");
  ComparedFiles files(options.report, /*needs_sizes=*/true);
  files.read(options.compare.old_file);
  files.read(options.files[0]);
  // A member that is missing here would look like one that was removed.
  if (files.has_problem()) return kExitUsage;
  const ComparedFile& old_file = files.all()[0];
  const ComparedFile& new_file = files.all()[1];
  Comparison comparison = compare_files(old_file, new_file);
  comparison.is_same_file = files.are_same(0, 1);
  std::string text;
  llvm::raw_string_ostream out(text);
  if (options.json)
    render_diff_json(out, old_file, new_file, comparison);
  else
    render_diff_text(out, old_file, new_file, comparison, style_of(options));
  const bool breaks = is_failing(options, Severity::error) &&
                      std::ranges::any_of(comparison.differences, &Difference::is_break);
  return finish(text, breaks, files, options.report);
}

int run_conflicts(const InspectOptions& options) {
  ComparedFiles files(options.report);
  for (const std::string& path : options.files) files.read(path);
  if (refuse_modules(options, files)) return kExitUsage;
  const Conflicts conflicts = find_conflicts(files.all());
  std::string text;
  llvm::raw_string_ostream out(text);
  if (options.json)
    render_conflicts_json(out, files.all(), conflicts);
  else
    render_conflicts_text(out, files.all(), conflicts, style_of(options));
  const bool fails = std::ranges::any_of(conflicts.collisions, [&](const Collision& collision) {
    return is_failing(options, collision.severity);
  });
  return finish(text, fails, files, options.report);
}

std::vector<Diagnostic> find_dropped(const ComparedFiles& files, const LinkLine& line,
                                     const Rules& rules) {
  std::vector<Diagnostic> findings;
  for (const LineInput& input : line.inputs) {
    const Facts& facts = files.all()[input.file].members[input.member];
    kCtorDropped.run({facts, nullptr, rules, input.is_taken}, findings);
  }
  apply_severities(rules, findings);
  return findings;
}

int run_link_line(const InspectOptions& options) {
  ComparedFiles files(options.report);
  for (const std::string& path : options.files) files.read(path);
  if (refuse_modules(options, files)) return kExitUsage;
  const LinkLine line = follow_link_line(files.all(), options.compare.roots);
  const std::vector<Diagnostic> findings = find_dropped(files, line, options.rules);
  std::string text;
  llvm::raw_string_ostream out(text);
  if (options.json)
    render_link_line_json(out, files.all(), line, findings);
  else
    render_link_line_text(out, files.all(), line, findings, style_of(options));
  const bool fails = std::ranges::any_of(
      findings, [&](const Diagnostic& finding) { return is_failing(options, finding.severity); });
  return finish(text, fails, files, options.report);
}

}  // namespace

int run_inspect_compare(const InspectOptions& options) {
  if (!options.compare.old_file.empty()) return run_diff(options);
  return options.compare.conflicts ? run_conflicts(options) : run_link_line(options);
}

}  // namespace wasmpack
