// `wasmpack inspect`: facts about any wasm file, as text or JSON.

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <llvm/Support/raw_ostream.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "inspect/checks/check.h"
#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "object/read.h"
#include "support/input_file.h"
#include "tools/command.h"
#include "tools/inspect_arguments.h"
#include "tools/inspect_compare.h"
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
        sizes_(options.sizes, out_, style_.color) {}

  // The exit code.
  int run() {
    for (const std::string& path : options_.files) inspect_file(path);
    for (const Diagnostic& problem : sizes_.finish()) report_problem(problem);
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
    if (identify_file(file->bytes()) == FileKind::archive) return inspect_archive(*file);
    const Result<Inspected> inspected = inspect(file->bytes(), file->path(), {});
    if (!inspected) return report_problem(inspected.error());
    note_findings(*inspected);
    if (options_.json) return render_json(*inspected);
    if (options_.sizes.csv) return sizes_.add_file(inspected->facts);
    separate_files();
    render_facts_text(out_, *inspected, options_.tables, style_);
    sizes_.add_file(inspected->facts);
  }

  // All members are read before the first is shown: the answer for the archive comes first.
  void inspect_archive(const InputFile& file) {
    const Result<std::vector<ArchiveMember>> members = read_archive(file.bytes(), file.path());
    if (!members) return report_problem(members.error());
    InspectedArchive archive{file.path(), file.bytes().size(), {}, {}};
    for (const ArchiveMember& member : *members) {
      const auto offset = static_cast<uint64_t>(member.bytes.data() - file.bytes().data());
      archive.members.push_back({member.name, offset, member.bytes.size(), false});
      if (is_rust_metadata(member.name)) continue;
      Result<Inspected> inspected = inspect(member.bytes, file.path(), member.name);
      if (inspected) {
        archive.members.back().is_read = true;
        archive.inspected.push_back(std::move(*inspected));
      } else {
        report_problem(inspected.error());
      }
    }
    for (const Inspected& inspected : archive.inspected) note_findings(inspected);
    if (options_.json) {
      render_archive_json(out_, archive);
      for (const Inspected& inspected : archive.inspected) render_json(inspected);
      return;
    }
    if (!options_.sizes.csv) {
      separate_files();
      render_archive_text(out_, archive, options_.tables, style_);
    }
    if (!options_.sizes.is_empty()) report_archive_sizes(archive);
  }

  void report_archive_sizes(const InspectedArchive& archive) {
    std::vector<const MemberFact*> others;  // what is no wasm, or could not be read
    for (const MemberFact& member : archive.members)
      if (!member.is_read) others.push_back(&member);
    std::vector<std::string> names;
    for (const MemberFact* member : others)
      names.push_back("[member " + std::string(member->name) + ']');
    std::vector<SizeRow> rows;
    for (size_t i = 0; i < others.size(); ++i) rows.push_back({names[i], others[i]->size, 1});
    sizes_.add_archive(archive.file, archive.size, archive.inspected, std::move(rows));
  }

  void render_json(const Inspected& inspected) {
    sizes_.note_file(inspected.facts);
    render_facts_json(out_, inspected);
  }

  Result<Inspected> inspect(Bytes bytes, std::string_view file, std::string_view member) const {
    const FileKind kind = identify_file(bytes);
    const bool is_cut_module =
        kind == FileKind::truncated && bytes.size() >= 8 && as_string(bytes).starts_with('\0');
    if (kind == FileKind::component)
      return judge(make_component_facts(bytes, file, member), nullptr);
    if (kind != FileKind::object && kind != FileKind::module && kind != FileKind::shared &&
        !is_cut_module) {
      return tl::make_unexpected(describe_wrong_input(
          kind, {.file = std::string(file), .member = std::string(member)}, bytes));
    }
    const Result<Object> object = read_object(bytes, file, member);
    if (!object) return tl::make_unexpected(object.error());
    Facts facts = gather_facts(*object);
    gather_size_facts(*object, options_.sizes, facts);
    return judge(std::move(facts), &*object);
  }

  Inspected judge(Facts facts, const Object* object) const {
    std::vector<Diagnostic> findings = check_facts({facts, object, options_.rules});
    return {std::move(facts), std::move(findings)};
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
  }

  void report(const Diagnostic& diagnostic) {
    out_.flush();  // what was found out before stands before
    print_diagnostic(diagnostic, options_.report);
  }

  const InspectOptions& options_;
  llvm::raw_fd_ostream out_{STDOUT_FILENO, /*shouldClose=*/false};
  TextStyle style_;
  SizeReporter sizes_;
  bool has_output_ = false;
  bool has_problem_ = false;
  bool has_failing_finding_ = false;
};

}  // namespace

int run_inspect(int argc, char** argv) {
  CLI::App app(
      "Shows what is in WebAssembly files: what they are, whether their constructors run "
      "and who calls them, exports, imports, sections and symbols.",
      "wasmpack inspect");
  InspectOptions options;
  add_inspect_options(app, options);
  if (const std::optional<int> exit_code = parse_arguments(app, argc, argv)) return *exit_code;
  if (!options.checks.list_checks.empty()) return list_checks(options.checks, options.report);
  DiagnosticSink problems;
  std::optional<Rules> rules = read_demands(options.checks, problems);
  print_diagnostics(problems.take_sorted(), options.report);
  if (!rules) return kExitUsage;
  options.rules = std::move(*rules);
  if (options.compare.is_asked()) return run_inspect_compare(options);
  choose_default_tables(options);
  return Inspector(options).run();
}

}  // namespace wasmpack
