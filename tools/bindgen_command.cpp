// `wasmpack bindgen`: a bundle in, source text of a typed host binding out.

#include <filesystem>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "bindgen/bindgen.h"
#include "bindgen/bundle_file.h"
#include "support/input_file.h"
#include "support/output_file.h"
#include "tools/command.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

struct BindgenOptions {
  std::string module;
  std::string language;
  std::string output = "-";
  ReportOptions report;
};

void add_options(CLI::App& app, BindgenOptions& options) {
  app.add_option("MODULE", options.module,
                 "A bundle that `wasmpack pack` made; - is standard input")
      ->required();
  app.add_option("--lang", options.language, "The host's language: c, rust, ts or python")
      ->type_name("LANGUAGE")
      ->required()
      ->check(one_of({"c", "rust", "ts", "python"}));
  app.add_option("-o,--output", options.output, "The file to write (default: standard output)")
      ->type_name("FILE");
  add_report_options(app, options.report);
}

int bindgen(const BindgenOptions& options) {
  std::error_code ignored;
  if (options.output != "-" &&
      std::filesystem::equivalent(options.output, options.module, ignored)) {
    print_diagnostic(fail("usage", {.file = options.output}, "this is the module").value(),
                     options.report);
    return kExitUsage;
  }
  const Result<InputFile> file = InputFile::open(options.module);
  if (!file) {
    print_diagnostic(file.error(), options.report);
    return kExitUsage;
  }
  const Result<Object> module = read_bundle_file(*file);
  if (!module) {
    print_diagnostic(module.error(), options.report);
    return kExitUsage;
  }
  const Result<BundleDescription> bundle = describe_bundle(*module);
  if (!bundle) {
    print_diagnostic(bundle.error(), options.report);
    return kExitFailed;
  }
  const std::string text = make_binding(*bundle, *parse_language(options.language));
  if (const Result<void> written = write_whole_file(options.output, as_bytes(text)); !written) {
    print_diagnostic(written.error(), options.report);
    return kExitFailed;
  }
  return kExitDone;
}

}  // namespace

int run_bindgen(int argc, char** argv) {
  CLI::App app(
      "Writes a typed host binding of a bundle: one source file that has a function for each "
      "kernel and knows the tensors that the bundle's manifest section declares.",
      "wasmpack bindgen");
  BindgenOptions options;
  add_options(app, options);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  return bindgen(options);
}

}  // namespace wasmpack
