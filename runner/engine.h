// Runs planned calls in an engine: wabt's interpreter, node or wasmtime, each in a child process
// with limits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/call_plan.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

enum class Engine : uint8_t { interpreter, node, wasmtime };

// "interp", "node", "wasmtime".
std::optional<Engine> parse_engine(std::string_view name);

// Linear memory that a bundle may have in the interpreter and in wasmtime; node has no such limit.
inline constexpr uint64_t kMaxRunMemory = uint64_t{1} << 30;
// After so many failed runs of a call the others are not tried.
inline constexpr uint32_t kMostFailedRuns = 3;

struct RunSettings {
  uint32_t warmup = 0;  // runs that are not measured
  uint32_t repeat = 1;
  uint32_t inner = 1;            // calls of the kernel in one run
  uint32_t timeout_ms = 60'000;  // of one run; and of instantiation, and of _initialize
  bool answer_imports = false;   // imported functions give zeros, else they trap
  bool is_measured = false;      // node then compiles with its optimizing compiler from the start
};

struct EngineCall {
  Bytes module;
  CallPlan plan;
};

struct FailedRun {
  std::optional<uint32_t> run;  // which one, warm-up included; none: there is no instance to run in
  std::optional<uint32_t> function;  // of the module, in which it happened
  // trap, timeout, import, kernel (it returned an error), instantiate, initialize, lookup, memory,
  // engine
  std::string kind;
  std::string message;
};

struct CallOutcome {
  std::string engine;  // "node 20.20.2"
  std::vector<FailedRun> failures;
  std::vector<uint64_t> samples;         // ns of each measured run that succeeded, in order
  std::optional<uint64_t> instructions;  // of the last run, where the engine counts
  // The contents of CallPlan::outputs after the last run; none if that failed.
  std::optional<std::vector<std::vector<uint8_t>>> outputs;
};

// An outcome for each call, in order. Each call has an instance of its own, and a fresh one after a
// failed run. What one call does to the engine is no error; an error is an engine that is not
// there.
Result<std::vector<CallOutcome>> run_calls(Engine engine, const std::vector<EngineCall>& calls,
                                           const RunSettings& settings);

}  // namespace wasmpack
