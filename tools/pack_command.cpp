// `wasmpack pack`: a manifest and its libraries in, one module out.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "object/file_kind.h"
#include "packager/manifest.h"
#include "packager/manifest_for_files.h"
#include "packager/manifest_schema.h"
#include "packager/oci_artifact.h"
#include "packager/oci_files.h"
#include "packager/oci_layout.h"
#include "packager/pack.h"
#include "support/input_file.h"
#include "support/output_file.h"
#include "support/parallel.h"
#include "tools/command.h"
#include "tools/make_rule.h"
#include "tools/oci_arguments.h"
#include "tools/output_names.h"
#include "tools/pack_arguments.h"
#include "tools/progress.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultManifest = "wasmpack.toml";

// The package's name where no manifest gives one: "out/vision.wasm" -> "vision".
std::string package_name(const PackArguments& arguments) {
  const bool is_named = !arguments.output.empty() && arguments.output != "-" && !arguments.init;
  const std::string stem =
      fs::path(is_named ? arguments.output : arguments.files.front()).stem().string();
  return stem.empty() ? "bundle" : stem;
}

// Unreadable input is wrong usage; everything else is a pack that failed.
int exit_code(const std::vector<Diagnostic>& diagnostics) {
  int code = kExitDone;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::error) continue;
    if (diagnostic.id == "cannot-read" || diagnostic.id == "usage") return kExitUsage;
    code = kExitFailed;
  }
  return code;
}

class PackCommand {
 public:
  explicit PackCommand(PackArguments& arguments) : arguments_(arguments) {
    set_thread_count(arguments.threads);
  }

  int run() {
    if (!check_oci_arguments()) return finish();
    if (arguments_.files.empty()) arguments_.files.emplace_back(kDefaultManifest);
    if (arguments_.init) return write_draft();
    if (!find_manifest()) return finish();
    const std::optional<PackResult> result = pack();
    if (!result || sink_.has_errors()) return finish();
    if (arguments_.pack.plan_only) {
      if (const int code = finish(); code != kExitDone) return code;
      return print_output(report_.plan, arguments_.report) ? kExitDone : kExitFailed;
    }
    write_outputs(*result);
    if (const int code = finish(); code != kExitDone) return code;
    // What the user did not name, we do.
    const std::string line = artifact_ ? digest_line(*artifact_) : output_ + "\n";
    if ((artifact_ || arguments_.output.empty()) && !print_output(line, arguments_.report))
      return kExitFailed;
    if (arguments_.verbose) print_report(result->module.size());
    return kExitDone;
  }

 private:
  void report_usage(std::string file, std::string message, std::string help = {}) {
    sink_.report(
        fail("usage", {.file = std::move(file)}, std::move(message), std::move(help)).value());
  }

  void keep_error(Result<void> result) {
    if (!result) sink_.report(std::move(result.error()));
  }

  int finish() {
    const std::vector<Diagnostic> diagnostics = sink_.take_sorted();
    print_diagnostics(diagnostics, arguments_.report);
    return exit_code(diagnostics);
  }

  // One file of text is a manifest; anything else is for the linker, which says what is wrong.
  bool find_manifest() {
    Result<InputFile> file = InputFile::open(arguments_.files.front());
    if (!file) {
      if (arguments_.files.front() == kDefaultManifest)
        file.error().help = "give a manifest, or libraries; --init writes a first manifest";
      sink_.report(std::move(file.error()));
      return false;
    }
    const FileKind kind = identify_file(file->bytes());
    const bool is_text =
        file->path().ends_with(".toml") || kind == FileKind::text || kind == FileKind::empty;
    if (!is_text || arguments_.files.size() > 1) {
      if (is_text) {
        report_usage(file->path(), "a manifest stands alone: it lists its libraries itself");
        return false;
      }
      manifest_ =
          make_manifest_for_files(arguments_.files, arguments_.kernels, package_name(arguments_));
      arguments_.pack.allow_outside = true;
      arguments_.pack.share_symbols = true;
      return true;
    }
    std::error_code ignored;
    if (fs::equivalent(arguments_.output, arguments_.files.front(), ignored)) {
      report_usage(arguments_.output, "this is the manifest");
      return false;
    }
    if (!arguments_.kernels.empty()) {
      report_usage(file->path(), "--kernel is for a pack without a manifest",
                   "list kernels in the manifest: [[library.kernel]]");
      return false;
    }
    manifest_ = parse_manifest(file->bytes(), file->path(), sink_);
    manifest_path_ = file->path();
    return manifest_.has_value();
  }

  std::optional<PackResult> pack() {
    ProgressLine progress("wasmpack pack");
    arguments_.pack.want_map = !arguments_.map.empty();
    arguments_.pack.on_phase = [&](std::string_view phase) { progress.begin(phase); };
    std::optional<PackResult> result = pack_bundle(*manifest_, arguments_.pack, report_, sink_);
    progress.stop();
    return result;
  }

  bool check_oci_arguments() {
    if (arguments_.oci.empty()) return true;
    if (arguments_.output == "-") {
      report_usage({}, "with --oci standard output has the digest, and cannot have the module, too",
                   "name the module's file with -o, or give --oci alone");
    }
    keep_error(read_oci_time(arguments_.oci_options));
    return !sink_.has_errors();
  }

  // Whether the module is written by itself, and not into a layout only.
  bool has_module_file() const { return arguments_.oci.empty() || !arguments_.output.empty(); }

  // The layout has the module only: an artifact has one layer.
  void check_params_of_layout(const PackResult& result) {
    if (arguments_.oci.empty() || result.params.empty()) return;
    const std::string message = "an OCI artifact holds the module only: the param file '" +
                                result.params.front().file_name + "' is not in it";
    const std::string help = "embed the param (embed = \"data\"), or publish its file by itself";
    Diagnostic diagnostic = fail("oci-param", {.file = arguments_.oci}, message, help).value();
    if (has_module_file()) diagnostic.severity = Severity::warning;
    sink_.report(std::move(diagnostic));
  }

  void stage_layout(const PackResult& result) {
    Result<OciArtifact> artifact =
        make_oci_artifact(result.module, output_, manifest_->package.name, arguments_.oci_options);
    if (!artifact) return sink_.report(std::move(artifact.error()));
    Result<std::unique_ptr<OciLayoutWriter>> layout = OciLayoutWriter::open(arguments_.oci);
    if (!layout) return sink_.report(std::move(layout.error()));
    layout_ = std::move(*layout);
    artifact_ = std::move(*artifact);
    keep_error(layout_->stage(*artifact_, result.module));
  }

  std::string param_path(const ExternalParam& param) const {
    return (fs::path(output_).parent_path() / param.file_name).string();
  }

  // The file of a param may lie beside the bundle already.
  static bool is_in_place(const ExternalParam& param, const std::string& path) {
    std::error_code ignored;
    return param.content.size() == param.file.bytes().size() &&
           fs::equivalent(path, param.file.path(), ignored);
  }

  // No output may take the place of another one, or of what was read.
  void check_names(const PackResult& result) {
    std::vector<std::string> outputs = {output_, arguments_.map, arguments_.depfile};
    if (!arguments_.oci.empty() && has_module_file())
      outputs.push_back(path_in_layout(arguments_.oci, kOciIndexFile));
    for (const ExternalParam& param : result.params) {
      if (!is_in_place(param, param_path(param))) outputs.push_back(param_path(param));
    }
    for (const std::string& output : outputs) {
      std::error_code ignored;
      if (!manifest_path_.empty() && fs::equivalent(output, manifest_path_, ignored))
        report_usage(output, "this is the manifest");
    }
    for (Diagnostic& problem : check_output_names(outputs, report_.files))
      sink_.report(std::move(problem));
  }

  // The bundle comes last: one that is there has its params.
  void write_outputs(const PackResult& result) {
    if (!has_module_file())
      output_ = path_in_layout(arguments_.oci, kOciIndexFile);
    else
      output_ =
          arguments_.output.empty() ? module_file_name(manifest_->package.name) : arguments_.output;
    if (!result.params.empty() && output_ == "-") {
      return report_usage({}, "external params are delivered beside the bundle",
                          "name the module's file with -o");
    }
    check_params_of_layout(result);
    check_names(result);
    if (sink_.has_errors()) return;
    for (const ExternalParam& param : result.params) {
      const std::string path = param_path(param);
      if (!is_in_place(param, path)) stage(path, param.content);
    }
    if (!arguments_.map.empty()) stage(arguments_.map, as_bytes(report_.map));
    if (!arguments_.depfile.empty()) {
      std::vector<std::string> files = report_.files;
      if (!manifest_path_.empty()) files.insert(files.begin(), manifest_path_);
      stage(arguments_.depfile, as_bytes(make_rule(output_, files)));
    }
    if (has_module_file()) stage(output_, result.module);
    if (!arguments_.oci.empty() && !sink_.has_errors()) stage_layout(result);
    for (OutputFile& file : staged_) {
      if (!sink_.has_errors()) keep_error(file.commit());
    }
    // Behind them: what is in a layout may be pushed at once.
    if (layout_ && !sink_.has_errors()) keep_error(layout_->commit());
  }

  // Writes a file that gets its name when all of them are written.
  void stage(const std::string& path, Bytes bytes) {
    if (sink_.has_errors()) return;
    keep_error(OutputFile::create(path).and_then([&](OutputFile file) {
      Result<void> written = file.write(0, bytes);
      if (written) staged_.push_back(std::move(file));
      return written;
    }));
  }

  void print_report(size_t bytes) const {
    std::fprintf(stderr, "%s: %zu bytes, %zu kernels of %zu libraries, %zu constructors\n",
                 output_.c_str(), bytes, report_.kernels, report_.libraries, report_.constructors);
    for (const PhaseTime& phase : report_.times)
      std::fprintf(stderr, "  %-16s %8.1f ms\n", phase.name.c_str(), phase.milliseconds);
  }

  // --init
  int write_draft() {
    const std::string output =
        arguments_.output.empty() ? std::string(kDefaultManifest) : arguments_.output;
    if (!arguments_.kernels.empty() || arguments_.pack.plan_only || !arguments_.map.empty() ||
        !arguments_.depfile.empty() || !arguments_.oci.empty()) {
      report_usage({}, "--init takes libraries and -o only: it packs nothing");
      return finish();
    }
    if (arguments_.files.front() == kDefaultManifest) {
      report_usage({}, "--init writes a manifest for libraries, and none is given",
                   "name objects and archives: wasmpack pack --init conv.o libpool.a");
      return finish();
    }
    if (output != "-" && fs::exists(output)) {
      report_usage(output, "this file exists, and --init writes over nothing",
                   "name another file with -o");
      return finish();
    }
    const std::string folder = output == "-" ? "" : fs::path(output).parent_path().string();
    const std::string text =
        draft_manifest(arguments_.files, folder, package_name(arguments_), sink_);
    if (!sink_.has_errors()) keep_error(write_whole_file(output, as_bytes(text)));
    if (const int code = finish(); code != kExitDone) return code;
    if (arguments_.output.empty() && !print_output(output + "\n", arguments_.report))
      return kExitFailed;
    return kExitDone;
  }

  PackArguments& arguments_;
  DiagnosticSink sink_;
  PackReport report_;
  std::optional<Manifest> manifest_;
  std::string manifest_path_;  // "" without one
  std::string output_;
  std::vector<OutputFile> staged_;
  std::optional<OciArtifact> artifact_;  // with --oci
  std::unique_ptr<OciLayoutWriter> layout_;
};

}  // namespace

int run_pack(int argc, char** argv) {
  CLI::App app(
      "Packs kernel libraries into one module: no dlopen, a registry of kernels, constructors run\n"
      "once and in order. A manifest describes the bundle; without one, each object or archive\n"
      "that is given is a library.",
      "wasmpack pack");
  PackArguments arguments;
  add_pack_options(app, arguments);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  if (!arguments.list_keys.empty()) {
    const std::string text = arguments.list_keys == "markdown" ? render_manifest_keys_markdown()
                                                               : render_manifest_keys_text();
    return print_output(text, arguments.report) ? kExitDone : kExitFailed;
  }
  return PackCommand(arguments).run();
}

}  // namespace wasmpack
