#include "runner/engine.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <span>
#include <utility>

#include <unistd.h>

#include "runner/engine_protocol.h"
#include "runner/engine_scripts.h"
#include "support/child_process.h"

namespace wasmpack {
namespace {

constexpr std::array<std::pair<std::string_view, Engine>, 3> kEngines = {
    {{"interp", Engine::interpreter}, {"node", Engine::node}, {"wasmtime", Engine::wasmtime}}};

// Calls that share a child: node needs 40 ms to start, Python with wasmtime 150. A child that dies
// takes their outcomes along, so there are not too many.
constexpr size_t kBatchCalls = 64;
constexpr uint64_t kBatchBytes = uint64_t{64} << 20;
constexpr uint64_t kAnswerBytes = uint64_t{16} << 20;  // of texts, besides samples and tensors
constexpr uint64_t kInterpreterBytes = uint64_t{1} << 30;
constexpr uint64_t kMostSeconds = 7 * 24 * 3600;
constexpr int kNoWasmtime = 3;  // exit code of the script

std::string engine_name(Engine engine) {
  return std::string(
      std::ranges::find(kEngines, engine, &std::pair<std::string_view, Engine>::second)->first);
}

// The path of a program that the user's shell would find, "" if there is none.
std::string find_program(std::string_view name) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const size_t end = std::min(folders.find(':'), folders.size());
    std::string path = std::string(folders.substr(0, end)) + "/" + std::string(name);
    if (end != 0 && ::access(path.c_str(), X_OK) == 0) return path;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return {};
}

uint64_t call_bytes(const EngineCall& call) {
  uint64_t bytes = call.module.size();
  for (const PlanBuffer& buffer : call.plan.buffers) bytes += buffer.content.size();
  return bytes;
}

// All the time that the runs may take by their own limit, and as much again for what is around.
unsigned batch_seconds(std::span<const EngineCall> calls, const RunSettings& settings) {
  const uint64_t runs = uint64_t{settings.warmup} + settings.repeat + 3 * kMostFailedRuns + 3;
  const uint64_t milliseconds = calls.size() * runs * settings.timeout_ms;
  return static_cast<unsigned>(std::min(2 * (milliseconds / 1000) + 60, kMostSeconds));
}

// The engine as a program with arguments.
class EngineProgram {
 public:
  static Result<EngineProgram> find(Engine engine, const RunSettings& settings) {
    EngineProgram program;
    program.engine_ = engine;
    if (engine == Engine::interpreter) {
      program.arguments_ = {"call"};
      return program;
    }
    if (engine == Engine::node) {
      program.path_ = find_program("node");
      if (program.path_.empty()) {
        return fail("engine-missing", {}, "the engine node is not there: no `node` in PATH",
                    "Debian: apt-get install nodejs; the default engine, interp, needs nothing");
      }
      // The baseline compiler's code would be measured for the first calls.
      if (settings.is_measured) program.arguments_.push_back("--no-liftoff");
      program.arguments_.insert(program.arguments_.end(),
                                {"--no-warnings", "-e", std::string(node_engine_script())});
      return program;
    }
    program.path_ = find_program("python3");
    if (program.path_.empty()) return no_wasmtime("no `python3` in PATH");
    program.arguments_ = {"-B", "-c", std::string(wasmtime_engine_script())};
    return program;
  }

  Result<ChildResult> run(std::span<const EngineCall> calls, const RunSettings& settings) const {
    const std::vector<uint8_t> input = encode_calls(calls, settings);
    ChildRun run;
    run.arguments = arguments_;
    run.input = input;
    run.limits.wall_seconds = batch_seconds(calls, settings);
    run.limits.cpu_seconds = 2 * run.limits.wall_seconds;  // engines compile in threads
    run.limits.output_bytes = kAnswerBytes + calls.size() * sizeof(uint64_t) * settings.repeat;
    for (const EngineCall& call : calls)
      for (const PlanOutput& output : call.plan.outputs)
        run.limits.output_bytes += call.plan.buffers[output.buffer].size;
    if (engine_ == Engine::interpreter) {
      run.limits.memory_bytes = kInterpreterBytes + 3 * kMaxRunMemory + 64 * input.size();
      return run_child("wasmpack-interpreter", run);
    }
    // They reserve 4 GiB and more of addresses for each memory.
    run.limits.memory_bytes = UINT64_MAX;
    Result<ChildResult> result = run_program(path_, run);
    if (result && engine_ == Engine::wasmtime && result->exit_code == kNoWasmtime)
      return no_wasmtime("`" + path_ + "` has no package wasmtime");
    return result;
  }

 private:
  static tl::unexpected<Diagnostic> no_wasmtime(const std::string& reason) {
    return fail("engine-missing", {}, "the engine wasmtime is not there: " + reason,
                "python3 -m venv V && V/bin/pip install wasmtime, and V/bin first in PATH; the "
                "`wasmtime` command passes numbers only, so it is not used");
  }

  Engine engine_ = Engine::interpreter;
  std::string path_;
  std::vector<std::string> arguments_;
};

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  text.remove_prefix(text.rfind('\n') + 1);
  return std::string(text.substr(0, 400));
}

// What became of a call whose child gave no answer.
CallOutcome make_lost_outcome(Engine engine, const Result<ChildResult>& result) {
  FailedRun failure{.run = {}, .function = {}, .kind = "engine", .message = {}};
  if (!result) {
    failure.message = result.error().message;
    for (const std::string& note : result.error().notes) failure.message += "; " + note;
  } else if (result->exit_code == 0) {
    failure.message = "the engine's answer is damaged";
  } else {
    const std::string line = last_line(result->messages);
    failure.message = "the engine ended with exit code " + std::to_string(result->exit_code) +
                      (line.empty() ? "" : ": " + line);
    // children/interpreter_access.h, refuse()
    constexpr std::string_view kUnreadable = "unreadable - - ";
    if (engine == Engine::interpreter && line.starts_with("memory")) {
      failure.kind = "memory";
      failure.message = "it needs more memory than the interpreter has (" +
                        std::to_string(kMaxRunMemory >> 20) + " MiB of linear memory)";
    } else if (engine == Engine::interpreter && line.starts_with(kUnreadable)) {
      failure.kind = "instantiate";
      failure.message =
          "wabt's interpreter cannot run this module: " + line.substr(kUnreadable.size());
    }
  }
  CallOutcome outcome;
  outcome.engine = engine_name(engine);
  outcome.failures.push_back(std::move(failure));
  return outcome;
}

}  // namespace

std::optional<Engine> parse_engine(std::string_view name) {
  for (const auto& [known, engine] : kEngines)
    if (known == name) return engine;
  return std::nullopt;
}

Result<std::vector<CallOutcome>> run_calls(Engine engine, const std::vector<EngineCall>& calls,
                                           const RunSettings& settings) {
  const Result<EngineProgram> program = EngineProgram::find(engine, settings);
  if (!program) return tl::make_unexpected(program.error());
  std::vector<CallOutcome> outcomes;
  size_t single = 0;  // calls to be run one by one, after the child of their batch has died
  while (outcomes.size() < calls.size()) {
    const std::span<const EngineCall> left = std::span(calls).subspan(outcomes.size());
    const size_t batch_most = single > 0 ? 1 : kBatchCalls;
    if (single > 0) --single;
    size_t count = 0;
    for (uint64_t bytes = 0; count < std::min(batch_most, left.size()); ++count) {
      bytes += call_bytes(left[count]);
      if (count != 0 && bytes > kBatchBytes) break;
    }
    const std::span<const EngineCall> batch = left.first(count);
    const Result<ChildResult> result = program->run(batch, settings);
    if (!result && (result.error().id == "engine-missing" || result.error().id == "child-missing"))
      return tl::make_unexpected(result.error());
    if (result && result->exit_code == 0) {
      if (auto decoded = decode_outcomes(result->output, batch)) {
        std::ranges::move(*decoded, std::back_inserter(outcomes));
        continue;
      }
    }
    if (count == 1)
      outcomes.push_back(make_lost_outcome(engine, result));
    else
      single = count;
  }
  return outcomes;
}

}  // namespace wasmpack
