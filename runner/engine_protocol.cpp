#include "runner/engine_protocol.h"

#include <algorithm>
#include <string>

#include "runner/trampoline.h"
#include "support/byte_writer.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint64_t kNotCounted = UINT64_MAX;
constexpr uint64_t kPageBytes = 65536;

void write_sized(ByteWriter& out, Bytes bytes) {
  out.write_u32_le(static_cast<uint32_t>(bytes.size()));
  out.write_bytes(bytes);
}

template <class Items>
void write_count(ByteWriter& out, const Items& items) {
  out.write_u32_le(static_cast<uint32_t>(items.size()));
}

void write_imports(ByteWriter& out, const std::vector<BoundImport>& imports) {
  write_count(out, imports);
  for (const BoundImport& import : imports) {
    write_sized(out, as_bytes(import.module));
    write_sized(out, as_bytes(import.field));
    out.write_u32_le(import.is_memory);
    write_sized(out, as_bytes(import.signature));
    out.write_u32_le(static_cast<uint32_t>(import.minimum));
    out.write_u32_le(import.maximum ? static_cast<uint32_t>(*import.maximum) : kNone);
  }
}

void write_call(ByteWriter& out, const CallPlan& plan, uint32_t module) {
  out.write_u32_le(module);
  write_sized(out, as_bytes(plan.kernel));
  write_sized(out, make_trampoline(plan.signature));
  out.write_u32_le(plan.library);
  out.write_u32_le(static_cast<uint32_t>(plan.failure_sign));
  out.write_u32_le(static_cast<uint32_t>(plan.signature.find(':') * kValueBytes));
  write_imports(out, plan.imports);
  write_count(out, plan.buffers);
  for (const PlanBuffer& buffer : plan.buffers) {
    out.write_u32_le(buffer.size);
    out.write_u32_le(buffer.align);
    write_sized(out, buffer.content);
    write_count(out, buffer.patches);
    for (const PlanBuffer::Patch& patch : buffer.patches) {
      out.write_u32_le(patch.offset);
      out.write_u32_le(patch.buffer);
    }
  }
  out.write_u32_le(plan.frame);
  write_count(out, plan.outputs);
  for (const PlanOutput& output : plan.outputs) out.write_u32_le(output.buffer);
}

Bytes read_sized(Cursor& cursor) { return cursor.read_bytes(cursor.read_u32_le()); }

uint64_t read_u64(Cursor& cursor) {
  const uint64_t low = cursor.read_u32_le();
  return low | uint64_t{cursor.read_u32_le()} << 32;
}

CallOutcome read_outcome(Cursor& cursor, const CallPlan& plan) {
  CallOutcome outcome;
  const uint32_t failures = cursor.read_u32_le();
  for (uint32_t i = 0; i < failures && cursor.ok(); ++i) {
    FailedRun failure;
    const uint32_t run = cursor.read_u32_le();
    if (run != kNone) failure.run = run;
    const uint32_t function = cursor.read_u32_le();
    if (function != kNone) failure.function = function;
    failure.kind = as_string(read_sized(cursor));
    failure.message = as_string(read_sized(cursor));
    outcome.failures.push_back(std::move(failure));
  }
  const uint32_t samples = cursor.read_u32_le();
  for (uint32_t i = 0; i < samples && cursor.ok(); ++i) outcome.samples.push_back(read_u64(cursor));
  if (const uint64_t instructions = read_u64(cursor); instructions != kNotCounted)
    outcome.instructions = instructions;
  if (cursor.read_u32_le() == 0) return outcome;
  outcome.outputs.emplace();
  for (const PlanOutput& output : plan.outputs) {
    const Bytes bytes = read_sized(cursor);
    if (bytes.size() != plan.buffers[output.buffer].size) cursor.fail("the size of an output");
    outcome.outputs->emplace_back(bytes.begin(), bytes.end());
  }
  return outcome;
}

}  // namespace

std::vector<uint8_t> encode_calls(std::span<const EngineCall> calls, const RunSettings& settings) {
  std::vector<Bytes> modules;
  std::vector<uint32_t> places;  // of each call's module among them
  for (const EngineCall& call : calls) {
    const auto found =
        std::ranges::find(modules, call.module.data(), [](Bytes bytes) { return bytes.data(); });
    places.push_back(static_cast<uint32_t>(found - modules.begin()));
    if (found == modules.end()) modules.push_back(call.module);
  }
  ByteWriter out;
  write_count(out, modules);
  for (const Bytes module : modules) write_sized(out, module);
  for (const uint32_t number : {settings.warmup, settings.repeat, settings.inner,
                                settings.timeout_ms, uint32_t{settings.answer_imports},
                                kMostFailedRuns, static_cast<uint32_t>(kMaxRunMemory / kPageBytes)})
    out.write_u32_le(number);
  write_count(out, calls);
  for (size_t i = 0; i < calls.size(); ++i) write_call(out, calls[i].plan, places[i]);
  return out.take();
}

std::optional<std::vector<CallOutcome>> decode_outcomes(Bytes answer,
                                                        std::span<const EngineCall> calls) {
  Cursor cursor(answer);
  const std::string engine(as_string(read_sized(cursor)));
  std::vector<CallOutcome> outcomes;
  for (const EngineCall& call : calls) {
    outcomes.push_back(read_outcome(cursor, call.plan));
    outcomes.back().engine = engine;
  }
  if (!cursor.ok() || !cursor.at_end()) return std::nullopt;
  return outcomes;
}

}  // namespace wasmpack
