// `wasmpack inspect`: facts about any wasm file, as text or JSON.

#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "support/input_file.h"
#include "tools/command.h"
#include "tools/inspect_arguments.h"
#include "tools/inspect_gather.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

// Inspects one file after the other; problems are printed as they are met, and the other files and
// members still shown.
class Inspector {
 public:
  explicit Inspector(const InspectOptions& options)
      : options_(options), color_(want_color(options.report, STDOUT_FILENO)) {}

  // The exit code.
  int run() {
    for (const std::string& path : options_.files) inspect_file(path);
    out_.flush();
    if (out_.has_error()) {
      if (out_.error().value() != EPIPE)
        report(fail("cannot-write", {.file = "<stdout>"}, "cannot write: " + out_.error().message())
                   .value());
      out_.clear_error();
      return kExitFailed;
    }
    return has_problem_ ? kExitUsage : kExitDone;
  }

 private:
  void inspect_file(const std::string& path) {
    const Result<InputFile> file = InputFile::open(path);
    if (!file) return report_problem(file.error());
    if (identify_file(file->bytes()) == FileKind::archive) return inspect_archive(*file);
    const Bytes bytes = file->bytes();
    FactsValidation validation(bytes, asked({&bytes, 1}));
    Result<GatheredFile> gathered = gather_file(bytes, file->path(), {});
    if (!gathered) return report_problem(gathered.error());
    Facts* const facts = &gathered->facts;
    validation.finish({&facts, 1});
    render(*facts);
  }

  // What the validator is asked about: nothing with --no-validate.
  std::span<const Bytes> asked(std::span<const Bytes> modules) const {
    return options_.no_validate ? std::span<const Bytes>() : modules;
  }

  // All members are read before the first is shown: the answer for the archive comes first.
  void inspect_archive(const InputFile& file) {
    const Result<std::vector<ArchiveMember>> members = read_archive(file.bytes(), file.path());
    if (!members) return report_problem(members.error());
    std::vector<Bytes> modules;
    for (const ArchiveMember& member : *members) modules.push_back(member.bytes);
    FactsValidation validation(file.bytes(), asked(modules));
    std::vector<Facts> all;
    all.reserve(members->size());  // the pointers below stay
    std::vector<Facts*> by_member;
    for (const ArchiveMember& member : *members) {
      by_member.push_back(nullptr);
      if (is_rust_metadata(member.name)) continue;
      Result<GatheredFile> gathered = gather_file(member.bytes, file.path(), member.name);
      if (!gathered) {
        report_problem(gathered.error());
        continue;
      }
      all.push_back(std::move(gathered->facts));
      by_member.back() = &all.back();
    }
    validation.finish(by_member);
    if (!options_.json) render_archive_summary(out_, file.path(), all, color_);
    for (const Facts& facts : all) render(facts);
  }

  void render(const Facts& facts) {
    if (options_.json) return render_facts_json(out_, facts);
    if (has_output_) out_ << '\n';
    has_output_ = true;
    render_facts_text(out_, facts, options_.tables, color_);
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
  bool color_;
  bool has_output_ = false;
  bool has_problem_ = false;
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
  choose_default_tables(options.tables);
  return Inspector(options).run();
}

}  // namespace wasmpack
