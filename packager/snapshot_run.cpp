#include "packager/snapshot_run.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "object/name_section.h"
#include "support/child_process.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint64_t kPageSize = 65536;
// Of the program itself, and of the calls and values of a deep recursion.
constexpr uint64_t kInterpreterBytes = uint64_t{1} << 30;
// A run costs the child 8 bytes for its address and size, a segment at least 5: what the child has
// to say about a module within the budget is never twice as long.
constexpr uint64_t kOutputFactor = 2;

// The function whose callees are the constructors, as far as names tell: the optimizer inlines the
// chain into its only caller.
uint32_t find_chain(const Object& module) {
  const NameSection names = read_name_section(module);
  for (const std::string_view name : {"__wasm_call_ctors", "__wasmpack_initialize"}) {
    const auto found = std::ranges::find(names.functions, name);
    if (found != names.functions.end())
      return static_cast<uint32_t>(found - names.functions.begin());
  }
  for (const Export& entry : module.exports) {
    if (entry.name == "_initialize" && entry.kind == ExternKind::function) return entry.index;
  }
  return UINT32_MAX;
}

// "KIND CONSTRUCTOR FUNCTION DETAIL", see children/interpreter_child.cpp.
struct Refusal {
  std::string_view kind;
  std::optional<uint32_t> constructor;
  std::optional<uint32_t> function;
  std::string_view detail;
};

std::string_view take_word(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<uint32_t> parse_function(std::string_view word, const Object& module) {
  uint32_t index = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  if (index >= module.function_count()) return std::nullopt;
  return index;
}

Refusal parse_refusal(std::string_view messages, const Object& module) {
  std::string_view line = messages.substr(0, messages.find('\n'));
  Refusal refusal;
  refusal.kind = take_word(line);
  refusal.constructor = parse_function(take_word(line), module);
  refusal.function = parse_function(take_word(line), module);
  refusal.detail = line;
  return refusal;
}

// One kind of refusal: "<who> <text>", where DETAIL in the text stands for the child's.
struct RefusalText {
  std::string_view kind;
  std::string_view text;
};
constexpr RefusalText kRefusals[] = {
    {"import", "calls the import `DETAIL`, and at pack time there is no host"},
    {"trap", "traps: DETAIL"},
    {"exception", "throws an exception that nothing catches"},
    {"table", "changes a table, which a snapshot cannot hold"},
    {"element", "drops an element segment, which a snapshot cannot hold"},
    {"reference", "changes a global that holds a reference, which a snapshot cannot hold"},
};

std::string with_detail(std::string_view text, std::string_view detail) {
  constexpr std::string_view kPlace = "DETAIL";
  const size_t at = text.find(kPlace);
  if (at == text.npos) return std::string(text);
  return std::string(text.substr(0, at)) + std::string(detail) +
         std::string(text.substr(at + kPlace.size()));
}

tl::unexpected<Diagnostic> fail_with_refusal(const Refusal& refusal, const Object& module,
                                             const SnapshotLimits& limits) {
  const auto refuse = [](std::string_view id, std::string message) {
    return fail(id, {}, "no snapshot can be taken: " + std::move(message), kSnapshotHelp);
  };
  if (refusal.kind == "unreadable") {
    return refuse("snapshot-features",
                  "wabt's interpreter cannot run this module: " + std::string(refusal.detail));
  }
  if (refusal.kind == "instantiate") {
    return refuse("snapshot-refused",
                  "the module cannot be instantiated: " + std::string(refusal.detail));
  }
  if (refusal.kind == "output") {
    return refuse("snapshot-limit", "the constructors leave more than " +
                                        std::to_string(limits.segment_bytes) + " bytes of data");
  }
  const std::string who =
      refusal.constructor ? "constructor " + function_label(module, *refusal.constructor)
      : refusal.function  ? function_label(module, *refusal.function) + " in the ctor chain"
                          : "the ctor chain";
  if (refusal.kind == "instructions") {
    return refuse("snapshot-limit", who + " did not end within the budget of " +
                                        std::to_string(limits.instructions) +
                                        " instructions for the ctor chain");
  }
  if (refusal.kind == "memory") {
    return refuse("snapshot-limit", who + " needs more memory than the interpreter has (" +
                                        std::to_string(limits.memory_bytes >> 20) +
                                        " MiB of linear memory)");
  }
  for (const auto& [kind, text] : kRefusals) {
    if (kind != refusal.kind) continue;
    auto failure = refuse("snapshot-refused", who + " " + with_detail(text, refusal.detail));
    if (refusal.constructor && refusal.function && refusal.function != refusal.constructor) {
      failure.value().notes.push_back("it happens in " + function_label(module, *refusal.function));
    }
    return failure;
  }
  return refuse("snapshot-refused", "the interpreter failed: " + std::string(refusal.kind));
}

// The child parsed a hostile module, so its output is checked like any input.
Result<InstanceState> parse_state(std::vector<uint8_t> output, const Object& module,
                                  const SnapshotLimits& limits) {
  InstanceState state;
  Cursor cursor(output);
  const Limits& memory = module.memories.front();
  state.pages = cursor.read_u32_le();
  if (state.pages < memory.minimum || state.pages > memory.maximum.value_or(kPageSize))
    cursor.fail("the memory's size");
  if (cursor.read_u32_le() != module.globals.size()) cursor.fail("the number of globals");
  for (size_t i = 0; i < module.globals.size() && cursor.ok(); ++i) {
    const Bytes value = cursor.read_bytes(16);
    if (cursor.ok()) std::ranges::copy(value, state.globals.emplace_back().begin());
  }
  state.runs_offset = cursor.offset();
  uint64_t end = 0;
  while (cursor.ok() && !cursor.at_end()) {
    const uint32_t address = cursor.read_u32_le();
    const uint32_t size = cursor.read_u32_le();
    cursor.read_bytes(size);
    if (size == 0 || (end != 0 && address <= end)) cursor.fail("the order of memory");
    end = uint64_t{address} + size;
    if (end > state.pages * kPageSize) cursor.fail("the end of memory");
  }
  if (!cursor.ok()) {
    return fail("snapshot-refused", {},
                std::string("the interpreter's answer is damaged: ") + cursor.failure());
  }
  if (state.pages * kPageSize > limits.memory_bytes)
    return fail_with_refusal(parse_refusal("memory - - ", module), module, limits);
  state.bytes = std::move(output);
  return state;
}

}  // namespace

std::string function_label(const Object& module, uint32_t function) {
  const NameSection names = read_name_section(module);
  if (function < names.functions.size() && !names.functions[function].empty())
    return "`" + std::string(names.functions[function]) + "`";
  return "function " + std::to_string(function);
}

Result<InstanceState> run_constructors(const Object& module, const SnapshotLimits& limits) {
  const uint64_t output_bytes =
      kOutputFactor * limits.segment_bytes + 16 * module.globals.size() + kPageSize;
  ChildRun run;
  run.input = module.bytes;
  run.arguments = {"snapshot", std::to_string(find_chain(module)),
                   std::to_string(limits.instructions), std::to_string(output_bytes)};
  run.limits.memory_bytes = kInterpreterBytes + 3 * limits.memory_bytes + 64 * module.bytes.size();
  run.limits.output_bytes = output_bytes;
  run.limits.cpu_seconds = limits.cpu_seconds;
  run.limits.wall_seconds = 10 * limits.cpu_seconds + 60;
  Result<ChildResult> result = run_child("wasmpack-interpreter", run);
  if (!result) {
    Diagnostic& problem = result.error();
    problem.message = "the constructors could not be run for the snapshot: " + problem.message;
    if (problem.help.empty()) problem.help = kSnapshotHelp;
    return tl::unexpected(std::move(problem));
  }
  if (result->exit_code != 0)
    return fail_with_refusal(parse_refusal(result->messages, module), module, limits);
  return parse_state(std::move(result->output), module, limits);
}

}  // namespace wasmpack
