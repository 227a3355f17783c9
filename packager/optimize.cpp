#include "packager/optimize.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "object/read.h"
#include "object/write.h"
#include "packager/binaryen_features.h"
#include "packager/compare_modules.h"
#include "support/child_process.h"

namespace wasmpack {
namespace {

constexpr std::string_view kChild = "wasmpack-binaryen";
constexpr int kUnknownFeature = 3;  // an exit code of that child, see its source

constexpr std::string_view kName = "name";
constexpr std::string_view kTargetFeatures = "target_features";
constexpr std::string_view kOtherWasmOpt =
    "give a newer wasm-opt with `--wasm-opt FILE` or in the environment variable WASM_OPT";

std::string_view level_option(OptimizeLevel level) {
  switch (level) {
    case OptimizeLevel::none:
      break;
    case OptimizeLevel::O1:
      return "-O1";
    case OptimizeLevel::O2:
      return "-O2";
    case OptimizeLevel::O3:
      return "-O3";
    case OptimizeLevel::O4:
      return "-O4";
    case OptimizeLevel::Os:
      return "-Os";
    case OptimizeLevel::Oz:
      return "-Oz";
  }
  return "-O0";
}

// Whether a custom section says something of the code's bytes, which are about to change.
bool describes_code(std::string_view section) {
  return section.starts_with(".debug_") || section.starts_with("reloc..debug_") ||
         section.starts_with("metadata.code.") || section == "external_debug_info" ||
         section == "sourceMappingURL";
}

// What Binaryen reads: custom sections that it would lose or change are not shown to it, and
// `target_features` says exactly what the options say.
std::vector<uint8_t> make_input(const Object& module,
                                const std::vector<BinaryenFeature>& features) {
  ByteWriter out;
  out.reserve(module.bytes.size() + 256);
  out.write_bytes(kWasmHeader);
  for (const Section& section : module.sections) {
    if (!section.is_custom() || section.name == kName) out.write_bytes(section.raw);
  }
  append_custom_section(out, kTargetFeatures, encode_target_features(features));
  return out.take();
}

// The module with the sections of `optimized` in place of its own, custom sections aside.
std::vector<uint8_t> merge_sections(const Object& module, const Object& optimized,
                                    bool keep_names) {
  ByteWriter out;
  out.reserve(module.bytes.size());
  out.write_bytes(kWasmHeader);
  const auto write_kept = [&](const Section& section) {
    if (section.name == kName) {
      const int name = optimized.find_custom_section(kName);
      if (keep_names && name >= 0)
        out.write_bytes(optimized.sections[static_cast<size_t>(name)].raw);
    } else if (!describes_code(section.name)) {
      out.write_bytes(section.raw);
    }
  };
  auto section = module.sections.begin();
  for (; section != module.sections.end() && section->is_custom(); ++section) write_kept(*section);
  for (const Section& changed : optimized.sections) {
    if (!changed.is_custom()) out.write_bytes(changed.raw);
  }
  for (; section != module.sections.end(); ++section) {
    if (section->is_custom()) write_kept(*section);
  }
  return out.take();
}

class Optimizer {
 public:
  Optimizer(Bytes module, const OptimizeOptions& options, DiagnosticSink& sink)
      : module_(module), options_(options), sink_(sink) {}

  std::optional<std::vector<uint8_t>> optimize() {
    const Result<Object> before = read_object(module_, "the module to optimize");
    if (!before) {
      sink_.report(before.error());
      return std::nullopt;
    }
    if (before->has_linking) {
      report(Severity::error, "this is an object; only finished modules are optimized");
      return std::nullopt;
    }
    features_ = list_binaryen_features(*before);
    const std::vector<uint8_t> input = make_input(*before, features_);
    Result<ChildResult> result = run(input);
    if (!result) return give_up(std::move(result.error()));
    if (result->exit_code != 0) return give_up(*result);
    return finish(*before, result->output);
  }

 private:
  bool is_external() const { return !options_.wasm_opt.empty(); }
  std::string program() const { return is_external() ? options_.wasm_opt : "Binaryen"; }

  Result<ChildResult> run(Bytes input) const {
    ChildRun run;
    run.input = input;
    // Binaryen's own form of a module, with copies of functions in several threads.
    run.limits.memory_bytes += 256 * input.size();
    run.limits.cpu_seconds += static_cast<unsigned>(input.size() >> 13);
    run.limits.wall_seconds += static_cast<unsigned>(input.size() >> 13);
    run.arguments = {"/proc/self/fd/0", "-o", "-", std::string(level_option(options_.level))};
    if (options_.keep_names) run.arguments.emplace_back("-g");
    run.arguments.emplace_back("--mvp-features");
    for (const BinaryenFeature& feature : features_) run.arguments.push_back(feature.option);
    if (!is_external()) return run_child(kChild, run);
    Result<ChildResult> result = run_program(options_.wasm_opt, run);
    if (!result && result.error().id == "child-missing") {
      result.error().message.replace(0, std::string_view("cannot run this helper program").size(),
                                     "cannot run this wasm-opt");
      result.error().help =
          "`--wasm-opt` and WASM_OPT take the path of a program; PATH is not searched";
    }
    return result;
  }

  // The child did not end by itself.
  std::optional<std::vector<uint8_t>> give_up(Diagnostic problem) {
    if (problem.id == "child-died" || problem.id == "child-timeout") {
      problem.severity = Severity::warning;
      problem.notes.emplace_back("so the module was not optimized");
      sink_.report(std::move(problem));
      return unchanged();
    }
    sink_.report(std::move(problem));
    return std::nullopt;
  }

  // It ended with an error.
  std::optional<std::vector<uint8_t>> give_up(const ChildResult& result) {
    std::vector<std::string> lines;
    for (std::string_view rest = result.messages; !rest.empty() && lines.size() < 8;) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      if (end != 0) lines.emplace_back(rest.substr(0, std::min<size_t>(end, 400)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (is_external() || result.exit_code != kUnknownFeature) {
      report(Severity::warning,
             "the module was not optimized: " + program() + " failed with exit code " +
                 std::to_string(result.exit_code),
             std::move(lines), is_external() ? "" : std::string(kOtherWasmOpt));
      return unchanged();
    }
    std::string names;
    for (const BinaryenFeature& feature : features_) {
      if (std::ranges::find(lines, feature.option) != lines.end())
        names += (names.empty() ? "`" : ", `") + feature.name + "`";
    }
    report(Severity::note,
           "the module was not optimized: the built-in Binaryen cannot read the target feature " +
               names,
           {}, std::string(kOtherWasmOpt));
    return unchanged();
  }

  std::optional<std::vector<uint8_t>> finish(const Object& before, Bytes output) {
    const Result<Object> after = read_object(output, "the output of " + program());
    if (!after) {
      sink_.report(after.error());
      return std::nullopt;
    }
    if (const std::optional<std::string> change = find_interface_change(before, *after)) {
      report(Severity::error, program() + " changed what the module is from outside: " + *change,
             {}, "pack with `optimize = \"none\"`, or with another wasm-opt");
      return std::nullopt;
    }
    std::vector<std::string> dropped;
    for (const Section& section : before.sections) {
      if (section.is_custom() && describes_code(section.name))
        dropped.push_back("`" + std::string(section.name) + "`");
    }
    if (!dropped.empty()) {
      report(Severity::note, "optimization drops sections that describe the code as it was",
             std::move(dropped));
    }
    return merge_sections(before, *after, options_.keep_names);
  }

  std::vector<uint8_t> unchanged() const { return {module_.begin(), module_.end()}; }

  void report(Severity severity, std::string message, std::vector<std::string> notes = {},
              std::string help = {}) {
    Diagnostic diagnostic = fail("optimize", {}, std::move(message), std::move(help)).value();
    diagnostic.severity = severity;
    diagnostic.notes = std::move(notes);
    sink_.report(std::move(diagnostic));
  }

  const Bytes module_;
  const OptimizeOptions& options_;
  DiagnosticSink& sink_;
  std::vector<BinaryenFeature> features_;
};

}  // namespace

std::optional<std::vector<uint8_t>> optimize_module(Bytes module, const OptimizeOptions& options,
                                                    DiagnosticSink& sink) {
  if (options.level == OptimizeLevel::none)
    return std::vector<uint8_t>(module.begin(), module.end());
  return Optimizer(module, options, sink).optimize();
}

}  // namespace wasmpack
