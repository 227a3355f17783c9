// `wasmpack run`: calls kernels of bundles in an engine, prints or writes what they give, and
// measures them.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "runner/npy.h"
#include "support/output_file.h"
#include "tools/command.h"
#include "tools/output_names.h"
#include "tools/run_arguments.h"
#include "tools/run_calls.h"
#include "tools/run_report.h"

namespace wasmpack {
namespace {

int print_usage_error(const RunOptions& options, std::string message, std::string help) {
  print_diagnostic(fail("usage", {}, std::move(message), std::move(help)).value(), options.report);
  return kExitUsage;
}

int list_kernels(const RunOptions& options) {
  CallMaker maker;
  const Result<const BundleDescription*> bundle = maker.describe(options.module);
  if (!bundle) {
    print_diagnostic(bundle.error(), options.report);
    return kExitUsage;
  }
  const std::string text =
      options.json ? json_line(kernel_list_json(**bundle)) : kernel_list_text(**bundle);
  return print_output(text, options.report) ? kExitDone : kExitFailed;
}

// The id of a failure's kind (runner/engine_protocol.h).
struct FailureId {
  std::string_view id;
};

FailureId find_failure_id(std::string_view kind) {
  if (kind == "trap") return {"run-trap"};
  if (kind == "timeout") return {"run-timeout"};
  if (kind == "import") return {"run-import"};
  if (kind == "kernel") return {"run-kernel"};
  if (kind == "instantiate") return {"run-instantiate"};
  if (kind == "initialize") return {"run-initialize"};
  if (kind == "lookup") return {"run-lookup"};
  if (kind == "memory") return {"run-memory"};
  return {"run-engine"};  // also what no engine of ours says
}

// Why a call gave nothing.
void print_failures(const RunReport& report, const ReportOptions& options) {
  for (const FailedRun& failure : report.outcome->failures) {
    // The text of a kernel may have several lines.
    std::string_view text = failure.message;
    const size_t end = std::min(text.find('\n'), text.size());
    const FailureId known = find_failure_id(failure.kind);
    auto problem = fail(known.id, {.file = report.module},
                        "kernel '" + report.kernel + "': " + std::string(text.substr(0, end)));
    std::vector<std::string>& notes = problem.value().notes;
    for (text.remove_prefix(std::min(end + 1, text.size())); !text.empty();) {
      const size_t line = std::min(text.find('\n'), text.size());
      notes.emplace_back(text.substr(0, line));
      text.remove_prefix(std::min(line + 1, text.size()));
    }
    if (failure.function)
      notes.push_back("in " + report.maker->label_function(report.module, *failure.function));
    if (failure.kind == "initialize") notes.push_back("the constructors of the bundle failed");
    print_diagnostic(problem.value(), options);
  }
}

// The files of output tensors. They are made before the run, so that a folder that is not there
// shows early, and get their names together.
class TensorFiles {
 public:
  Result<void> create(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      Result<OutputFile> file = OutputFile::create(path);
      if (!file) return tl::make_unexpected(std::move(file.error()));
      files_.push_back(std::move(*file));
    }
    return {};
  }

  Result<void> write(const CallPlan& plan, const CallOutcome& outcome) {
    size_t next = 0;
    for (size_t i = 0; i < plan.outputs.size() && next < files_.size(); ++i) {
      if (plan.outputs[i].kind != PlanOutput::Kind::tensor) continue;
      const std::vector<uint8_t> bytes = write_npy(plan.outputs[i].type, (*outcome.outputs)[i]);
      if (Result<void> done = files_[next++].write(0, bytes); !done) return done;
    }
    for (OutputFile& file : files_)
      if (Result<void> done = file.commit(); !done) return done;
    return {};
  }

 private:
  std::vector<OutputFile> files_;
};

// Says what is wrong with the files' names.
bool check_files(const RunOptions& options, const CallMaker& maker) {
  const std::vector<Diagnostic> problems = check_output_names(options.outputs, maker.list_files());
  print_diagnostics(problems, options.report);
  return problems.empty();
}

int run_one(const RunOptions& options) {
  CallRequest request{.module = options.module, .kernel = options.kernel, .arguments = {}};
  for (const std::string& argument : options.arguments)
    request.arguments.emplace_back(plain_argument(argument));
  CallMaker maker;
  Result<EngineCall> call = maker.make_call(request);
  if (!call) {
    print_diagnostic(call.error(), options.report);
    return kExitUsage;
  }
  const CallPlan& plan = call->plan;
  const auto tensors = static_cast<size_t>(
      std::ranges::count(plan.outputs, PlanOutput::Kind::tensor, &PlanOutput::kind));
  if (options.outputs.size() > tensors) {
    return print_usage_error(options,
                             "there are " + std::to_string(options.outputs.size()) + " files for " +
                                 std::to_string(tensors) + " output tensors",
                             "out:float32[4,4] and inout:x.npy are output tensors");
  }
  if (!check_files(options, maker)) return kExitUsage;
  TensorFiles files;
  if (Result<void> done = files.create(options.outputs); !done) {
    print_diagnostic(done.error(), options.report);
    return kExitFailed;
  }
  const RunSettings settings = run_settings(options);
  std::vector<EngineCall> calls;
  calls.push_back(std::move(*call));
  const Result<std::vector<CallOutcome>> outcomes =
      run_calls(*parse_engine(options.engine), calls, settings);
  if (!outcomes) {
    print_diagnostic(outcomes.error(), options.report);
    return kExitFailed;
  }
  const CallOutcome& outcome = outcomes->front();
  RunReport report{.module = options.module,
                   .kernel = options.kernel,
                   .plan = &calls.front().plan,
                   .outcome = &outcome,
                   .maker = &maker,
                   .files = {}};
  const bool is_json = options.json || options.bench;
  if (!is_json) print_failures(report, options.report);
  if (outcome.outputs) {
    if (Result<void> done = files.write(*report.plan, outcome); !done) {
      print_diagnostic(done.error(), options.report);
      return kExitFailed;
    }
    report.files = options.outputs;
  }
  std::string text;
  if (is_json)
    text = json_line(run_json(report, options.bench ? &settings : nullptr));
  else if (outcome.outputs)
    text = run_text(report);
  if (!print_output(text, options.report)) return kExitFailed;
  if (!has_succeeded(outcome)) return kExitFailed;
  if (outcome.outputs || options.outputs.empty()) return kExitDone;
  auto problem = fail("run-no-output", {.file = options.outputs.front()},
                      "it is not written: the last run failed",
                      "`failures` of the JSON says why; give --repeat a smaller number");
  print_diagnostic(problem.value(), options.report);
  return kExitFailed;
}

// One line of --calls: a call, or why there is none.
struct RequestedCall {
  int64_t line;  // from 1
  CallRequest request;
  std::optional<size_t> call;  // its place among the engine's
  std::optional<Diagnostic> problem;
};

llvm::json::Object problem_json(const RequestedCall& line) {
  const Diagnostic& problem = *line.problem;
  const std::string& file = problem.where.file;
  llvm::json::Array notes;
  for (const std::string& note : problem.notes) notes.push_back(llvm::json::fixUTF8(note));
  llvm::json::Object failure{
      {"run", nullptr},
      {"kind", problem.id},
      {"function", nullptr},
      {"message", llvm::json::fixUTF8((file.empty() ? "" : file + ": ") + problem.message)},
      {"notes", std::move(notes)},
      {"help",
       problem.help.empty() ? llvm::json::Value(nullptr) : llvm::json::fixUTF8(problem.help)}};
  return llvm::json::Object{{"line", line.line},
                            {"module", llvm::json::fixUTF8(line.request.module)},
                            {"kernel", llvm::json::fixUTF8(line.request.kernel)},
                            {"status", "refused"},
                            {"failures", llvm::json::Array{std::move(failure)}}};
}

int run_lines(const RunOptions& options) {
  const Result<InputFile> file = InputFile::open(options.calls);
  if (!file) {
    print_diagnostic(file.error(), options.report);
    return kExitUsage;
  }
  CallMaker maker;
  std::vector<RequestedCall> lines;
  std::vector<EngineCall> calls;
  std::string_view rest = as_string(file->bytes());
  int64_t number = 0;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (text.find_first_not_of(" \t\r") == text.npos) continue;
    RequestedCall& line = lines.emplace_back();
    line.line = number;
    Result<CallRequest> request = parse_call_line(text);
    if (!request) {
      line.problem = std::move(request.error());
      continue;
    }
    line.request = std::move(*request);
    Result<EngineCall> call = maker.make_call(line.request);
    if (!call) {
      line.problem = std::move(call.error());
      continue;
    }
    line.call = calls.size();
    calls.push_back(std::move(*call));
  }
  const RunSettings settings = run_settings(options);
  const Result<std::vector<CallOutcome>> outcomes =
      run_calls(*parse_engine(options.engine), calls, settings);
  std::string text;
  bool all_done = true;
  for (const RequestedCall& line : lines) {
    if (!line.call) {
      all_done = false;
      text += json_line(problem_json(line));
      continue;
    }
    if (!outcomes) continue;
    const CallOutcome& outcome = (*outcomes)[*line.call];
    all_done = all_done && has_succeeded(outcome);
    const RunReport report{.module = line.request.module,
                           .kernel = line.request.kernel,
                           .plan = &calls[*line.call].plan,
                           .outcome = &outcome,
                           .maker = &maker,
                           .files = {}};
    llvm::json::Object object = run_json(report, options.bench ? &settings : nullptr);
    object["line"] = line.line;
    text += json_line(std::move(object));
  }
  if (!outcomes) print_diagnostic(outcomes.error(), options.report);
  if (!print_output(text, options.report) || !outcomes) return kExitFailed;
  return all_done ? kExitDone : kExitFailed;
}

}  // namespace

int run_run(int argc, char** argv) {
  CLI::App app(
      "Calls a kernel of a bundle with numbers and tensors, in wabt's interpreter or another "
      "engine, and prints or writes what it gives.",
      "wasmpack run");
  RunOptions options;
  add_run_options(app, options);
  if (const std::optional<int> code = parse_arguments(app, protect_numbers(argc, argv)))
    return *code;
  if (!options.calls.empty()) return run_lines(options);
  if (options.module.empty()) {
    return print_usage_error(options, "no bundle is given",
                             "wasmpack run kernels.wasm KERNEL ARG...; --help has the options");
  }
  if (options.list) return list_kernels(options);
  if (options.kernel.empty()) {
    return print_usage_error(options, "no kernel is given",
                             "`wasmpack run " + options.module + " --list` shows what there is");
  }
  return run_one(options);
}

}  // namespace wasmpack
