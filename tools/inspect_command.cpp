// `wasmpack inspect`: facts about any wasm file, as text or JSON.

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "inspect/checks/check.h"
#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "support/input_file.h"
#include "tools/command.h"
#include "tools/inspect_arguments.h"
#include "tools/inspect_compare.h"
#include "tools/inspect_gather.h"
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
    const Bytes bytes = file->bytes();
    FactsValidation validation(bytes, asked({&bytes, 1}));
    Result<GatheredFile> gathered = gather(bytes, file->path(), {});
    if (!gathered) return report_problem(gathered.error());
    Facts* const facts = &gathered->facts;
    validation.finish({&facts, 1});
    const Inspected inspected = judge(std::move(*gathered));
    note_findings(inspected);
    if (options_.json) return render_json(inspected);
    if (options_.sizes.csv) return sizes_.add_file(inspected.facts);
    separate_files();
    render_facts_text(out_, inspected, options_.tables, style_);
    sizes_.add_file(inspected.facts);
  }

  // All members are read before the first is shown: the answer for the archive comes first.
  void inspect_archive(const InputFile& file) {
    const Result<std::vector<ArchiveMember>> members = read_archive(file.bytes(), file.path());
    if (!members) return report_problem(members.error());
    std::vector<Bytes> modules;
    for (const ArchiveMember& member : *members) modules.push_back(member.bytes);
    FactsValidation validation(file.bytes(), asked(modules));
    InspectedArchive archive{file.path(), file.bytes().size(), {}, {}};
    std::vector<std::optional<GatheredFile>> gathered(members->size());
    std::vector<Facts*> facts(members->size());
    for (size_t i = 0; i < members->size(); ++i) {
      const ArchiveMember& member = (*members)[i];
      const auto offset = static_cast<uint64_t>(member.bytes.data() - file.bytes().data());
      archive.members.push_back({member.name, offset, member.bytes.size(), false});
      if (is_rust_metadata(member.name)) continue;
      Result<GatheredFile> one = gather(member.bytes, file.path(), member.name);
      if (one) {
        archive.members.back().is_read = true;
        gathered[i] = std::move(*one);
        facts[i] = &gathered[i]->facts;
      } else {
        report_problem(one.error());
      }
    }
    validation.finish(facts);
    for (std::optional<GatheredFile>& one : gathered) {
      if (one) archive.inspected.push_back(judge(std::move(*one)));
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

  // What the validator is asked about: nothing with --no-validate.
  std::span<const Bytes> asked(std::span<const Bytes> modules) const {
    return options_.no_validate ? std::span<const Bytes>() : modules;
  }

  Result<GatheredFile> gather(Bytes bytes, std::string_view file, std::string_view member) const {
    Result<GatheredFile> gathered = gather_file(bytes, file, member);
    if (gathered && gathered->object)
      gather_size_facts(*gathered->object, options_.sizes, gathered->facts);
    return gathered;
  }

  // The facts are complete, validity included.
  Inspected judge(GatheredFile gathered) const {
    const Object* object = gathered.object ? &*gathered.object : nullptr;
    std::vector<Diagnostic> findings = check_facts({gathered.facts, object, options_.rules});
    return {std::move(gathered.facts), std::move(findings)};
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
  if (options.compare.is_asked()) return run_inspect_compare(options);
  choose_default_tables(options);
  return Inspector(options).run();
}

}  // namespace wasmpack
