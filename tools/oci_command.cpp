// `wasmpack oci`: layouts of OCI artifacts, to check one and to write a module into one.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "object/file_kind.h"
#include "packager/oci_check.h"
#include "packager/oci_layout.h"
#include "support/input_file.h"
#include "support/suggest.h"
#include "tools/command.h"
#include "tools/help_page.h"
#include "tools/oci_arguments.h"
#include "tools/oci_report.h"
#include "tools/report.h"
#include "tools/terminal.h"

namespace wasmpack {
namespace {

int print_error(const Diagnostic& error, const ReportOptions& options) {
  print_diagnostic(error, options);
  const bool is_usage =
      error.id == "cannot-read" || error.id == "usage" || error.id == "oci-not-a-layout";
  return is_usage ? kExitUsage : kExitFailed;
}

int run_check(int argc, char** argv) {
  CLI::App app(
      "Verifies an OCI layout with Wasm artifacts: hashes and sizes of all blobs, media types,\n"
      "configs, tags, and that each artifact is one module. Prints what is in it.",
      "wasmpack oci check");
  std::string folder;
  bool json = false;
  ReportOptions report;
  app.add_option("DIR", folder, "The folder of the layout")->required()->type_name("");
  app.add_flag("--json", json, "Print it as one JSON object, problems included");
  add_report_options(app, report);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;

  std::vector<Diagnostic> problems;
  const Result<OciLayoutFacts> facts = check_oci_layout(folder, problems);
  if (!facts) {  // nothing that could be checked
    print_diagnostic(facts.error(), report);
    return kExitUsage;
  }
  const std::string text =
      json ? render_oci_json(folder, *facts, problems) : render_oci_text(folder, *facts);
  if (!print_output(text, report)) return kExitFailed;
  if (!json) print_diagnostics(problems, report);
  return has_errors(problems) ? kExitFailed : kExitDone;
}

Result<void> check_is_module(const InputFile& file) {
  const FileKind kind = identify_file(file.bytes());
  if (kind == FileKind::module || kind == FileKind::shared) return {};
  const Location where{.file = file.path()};
  if (kind == FileKind::truncated || kind == FileKind::old_wasm_version || kind == FileKind::empty)
    return tl::make_unexpected(describe_wrong_input(kind, where, file.bytes()));
  const bool is_component = kind == FileKind::component;
  return fail("wrong-input", where,
              "it is " + std::string(file_kind_name(kind)) + ", not a finished core module",
              is_component ? "`wkg oci push` publishes components"
                           : "`wasmpack pack --oci DIR` makes a module and its artifact");
}

int run_write(int argc, char** argv) {
  CLI::App app(
      "Writes a finished core module into an OCI layout: a new folder, or one that has other\n"
      "artifacts. Prints the digest. `wasmpack pack --oci DIR` does the same when packing.",
      "wasmpack oci write");
  std::string module, folder;
  OciOptions options;
  ReportOptions report;
  app.add_option("MODULE", module, "A bundle, or any other core module; - is standard input")
      ->required()
      ->type_name("");
  app.add_option("DIR", folder, "The folder of the layout")->required()->type_name("");
  add_oci_options(app, "--tag", "--media-types", options);
  add_report_options(app, report);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;

  if (const Result<void> time = read_oci_time(options); !time)
    return print_error(time.error(), report);
  const Result<InputFile> file = InputFile::open(module);
  if (!file) return print_error(file.error(), report);
  if (const Result<void> is_module = check_is_module(*file); !is_module) {
    print_diagnostic(is_module.error(), report);
    return kExitUsage;
  }
  const std::string stem = module == "-" ? "module" : std::filesystem::path(module).stem().string();
  const Result<OciArtifact> artifact =
      make_oci_artifact(file->bytes(), file->path(), stem, options);
  if (!artifact) return print_error(artifact.error(), report);
  const Result<std::unique_ptr<OciLayoutWriter>> writer = OciLayoutWriter::open(folder);
  if (!writer) return print_error(writer.error(), report);
  Result<void> done = (*writer)->stage(*artifact, file->bytes());
  if (done) done = (*writer)->commit();
  if (!done) return print_error(done.error(), report);
  return print_output(digest_line(*artifact), report) ? kExitDone : kExitFailed;
}

HelpPage describe_oci() {
  HelpPage page;
  page.command = "wasmpack oci";
  page.description =
      "Layouts of OCI artifacts, which skopeo, oras and wkg push to registries: docs/oci.md.";
  page.footer =
      "`wasmpack oci COMMAND --help` has a command's options. `wasmpack pack --oci DIR` packs into "
      "a layout.";
  page.subcommands = {capture_help(run_check, "check"), capture_help(run_write, "write")};
  return page;
}

}  // namespace

int run_oci(int argc, char** argv) {
  if (HelpPage* page = wanted_help_page(); page != nullptr) {
    *page = describe_oci();
    return kExitDone;
  }
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "--help" || word == "-h") {
    const std::string text = render_help(describe_oci(), terminal_width(STDOUT_FILENO));
    return print_output(text, {}) ? kExitDone : kExitFailed;
  }
  if (word == "check") return run_check(argc - 1, argv + 1);
  if (word == "write") return run_write(argc - 1, argv + 1);
  constexpr std::string_view kKnown[] = {"check", "write"};
  std::string help = suggest_sentence(word, kKnown);
  if (help.empty()) help = "'wasmpack oci --help' lists the commands";
  const std::string message = word.empty() ? "no command given: check or write"
                                           : "unknown command 'oci " + std::string(word) + "'";
  print_diagnostic(fail("usage", {}, message, help).value(), {});
  return kExitUsage;
}

}  // namespace wasmpack
