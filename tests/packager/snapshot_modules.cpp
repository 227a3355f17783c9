#include "tests/packager/snapshot_modules.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "object/read.h"
#include "support/child_process.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

ChildResult run_wabt(const std::string& tool, std::vector<std::string> arguments, Bytes input) {
  ChildRun run;
  run.arguments = std::move(arguments);
  run.input = input;
  Result<ChildResult> result = run_program("/usr/bin/" + tool, run);
  if (!result) {
    ADD_FAILURE() << render_text(result.error(), false);
    return {};
  }
  EXPECT_EQ(result->exit_code, 0) << result->messages << as_string(result->output);
  return std::move(*result);
}

// Those of wabt's features that are not standard yet, or not on by default.
const std::vector<std::string> kFeatures = {"--enable-tail-call",      "--enable-exceptions",
                                            "--enable-extended-const", "--enable-multi-memory",
                                            "--enable-memory64",       "--enable-threads"};

std::vector<std::string> with_features(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), kFeatures.begin(), kFeatures.end());
  return arguments;
}

}  // namespace

std::vector<uint8_t> assemble(const std::string& text, std::vector<std::string> options) {
  options.insert(options.end(), {"-", "--output=-"});
  return run_wabt("wat2wasm", with_features(std::move(options)), as_bytes(text)).output;
}

std::string chain_module(std::string_view calls, std::string_view fields, std::string_view imports,
                         std::string_view memory) {
  std::string body;
  while (!calls.empty()) {
    const size_t end = std::min(calls.find(' '), calls.size());
    body += "(call " + std::string(calls.substr(0, end)) + ")";
    calls.remove_prefix(std::min(end + 1, calls.size()));
  }
  return "(module " + std::string(imports) + "(memory (export \"memory\") " + std::string(memory) +
         ")"
         "(func (export \"_initialize\")"
         "  (if (i32.eqz (i32.load8_u (i32.const 65535))) (then"
         "    (i32.store8 (i32.const 65535) (i32.const 1)) (call $__wasm_call_ctors))))"
         "(func $__wasm_call_ctors " +
         body + ")" + std::string(fields) + ")";
}

std::vector<uint8_t> Taken::memory() const {
  std::vector<uint8_t> memory(static_cast<size_t>(module.memories.at(0).minimum) * 65536);
  for (const DataSegment& segment : module.data) {
    Cursor cursor(segment.offset_init);
    EXPECT_EQ(cursor.read_u8(), 0x41);  // i32.const
    const auto address = static_cast<uint32_t>(cursor.read_varint32());
    EXPECT_LE(address + segment.content.size(), memory.size());
    std::ranges::copy(segment.content, memory.begin() + address);
  }
  return memory;
}

void expect_valid(const std::vector<uint8_t>& module) {
  run_wabt("wasm-validate", with_features({"-"}), module);
}

Taken take(const std::vector<uint8_t>& module, const SnapshotLimits& limits) {
  DiagnosticSink sink;
  std::optional<std::vector<uint8_t>> bytes = take_snapshot(module, limits, sink);
  for (const Diagnostic& diagnostic : sink.take_sorted())
    ADD_FAILURE() << render_text(diagnostic, false);
  if (!bytes) return {};
  expect_valid(*bytes);
  Taken taken{std::move(*bytes), {}};
  Result<Object> object = read_object(taken.bytes, "snapshot");
  EXPECT_TRUE(object.has_value());
  taken.module = std::move(*object);
  return taken;
}

std::string refusal(const std::vector<uint8_t>& module, const SnapshotLimits& limits) {
  DiagnosticSink sink;
  EXPECT_FALSE(take_snapshot(module, limits, sink).has_value());
  EXPECT_TRUE(sink.has_errors());
  std::string text;
  for (const Diagnostic& diagnostic : sink.take_sorted()) text += render_text(diagnostic, false);
  return text;
}

std::string run_exports(const std::vector<uint8_t>& module) {
  const ChildResult result =
      run_wabt("wasm-interp", with_features({"--run-all-exports", "-"}), module);
  return std::string(as_string(result.output));
}

}  // namespace wasmpack
