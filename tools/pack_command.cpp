// `wasmpack pack`: a manifest and its libraries in, one module out.

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include "packager/manifest.h"
#include "packager/pack.h"
#include "support/input_file.h"
#include "support/output_file.h"
#include "tools/command.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

struct PackOptions {
  std::string manifest;
  std::string output;
  bool verbose = false;
  ReportOptions report;
};

void add_options(CLI::App& app, PackOptions& options) {
  app.add_option("MANIFEST", options.manifest, "The bundle's manifest, a TOML file")->required();
  app.add_option(
         "-o,--output", options.output,
         "The module to write (default: the package's name with .wasm); - is standard output")
      ->type_name("FILE");
  app.add_flag("-v,--verbose", options.verbose, "Say what was packed and how long each phase took");
  add_report_options(app, options.report);
}

// "@example/vision 2" -> "-example-vision-2.wasm"
std::string default_output(std::string_view package) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  std::string name;
  for (const char c : package) name += kPlain.find(c) == kPlain.npos ? '-' : c;
  return name + ".wasm";
}

// Unreadable input is wrong usage; everything else is a pack that failed.
int exit_code(const std::vector<Diagnostic>& diagnostics) {
  int code = kExitDone;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::error) continue;
    if (diagnostic.id == "cannot-read") return kExitUsage;
    code = kExitFailed;
  }
  return code;
}

void print_report(const PackReport& report, const std::string& output, size_t bytes) {
  std::fprintf(stderr, "%s: %zu bytes, %zu kernels of %zu libraries, %zu constructors\n",
               output.c_str(), bytes, report.kernels, report.libraries, report.constructors);
  for (const PhaseTime& phase : report.times)
    std::fprintf(stderr, "  %-16s %8.1f ms\n", phase.name.c_str(), phase.milliseconds);
}

int pack(const PackOptions& options) {
  std::error_code ignored;
  if (std::filesystem::equivalent(options.output, options.manifest, ignored)) {
    print_diagnostic(fail("usage", {.file = options.output}, "this is the manifest").value(),
                     options.report);
    return kExitUsage;
  }
  const Result<InputFile> file = InputFile::open(options.manifest);
  if (!file) {
    print_diagnostic(file.error(), options.report);
    return kExitUsage;
  }
  DiagnosticSink sink;
  PackReport report;
  std::optional<std::vector<uint8_t>> module;
  const std::optional<Manifest> manifest = parse_manifest(file->bytes(), file->path(), sink);
  if (manifest) module = pack_bundle(*manifest, report, sink);
  const std::vector<Diagnostic> diagnostics = sink.take_sorted();
  print_diagnostics(diagnostics, options.report);
  if (const int code = exit_code(diagnostics); code != kExitDone) return code;

  const std::string output =
      options.output.empty() ? default_output(manifest->package.name) : options.output;
  if (const Result<void> written = write_whole_file(output, *module); !written) {
    print_diagnostic(written.error(), options.report);
    return kExitFailed;
  }
  // What the user did not name, we do.
  if (options.output.empty() && !print_output(output + "\n", options.report)) return kExitFailed;
  if (options.verbose) print_report(report, output, module->size());
  return kExitDone;
}

}  // namespace

int run_pack(int argc, char** argv) {
  CLI::App app(
      "Packs the kernel libraries that a manifest lists into one module: no dlopen, a "
      "registry of kernels, constructors run once and in order.",
      "wasmpack pack");
  PackOptions options;
  add_options(app, options);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  return pack(options);
}

}  // namespace wasmpack
