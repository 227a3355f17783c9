#include "inspect/facts/chain_run.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/child_process.h"

namespace wasmpack {
namespace {

constexpr uint64_t kPageSize = 65536;
constexpr unsigned kCpuSeconds = 20;
// Of the program itself, of the calls and values of a deep recursion.
constexpr uint64_t kInterpreterBytes = uint64_t{1} << 30;
constexpr size_t kMaxExports = 1 << 16;  // as many as ctor_chain_runs.cpp lists

// A line that the child writes, see children/interpreter_run.h.
struct CountedRuns {
  std::optional<uint32_t> position, first, again, after_initialize;
  std::string_view kind, call, detail;
};

std::string_view take_word(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<uint32_t> parse_number(std::string_view word) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

CountedRuns parse_line(std::string_view line) {
  CountedRuns runs;
  runs.position = parse_number(take_word(line));
  runs.first = parse_number(take_word(line));
  runs.again = parse_number(take_word(line));
  runs.after_initialize = parse_number(take_word(line));
  runs.kind = take_word(line);
  runs.call = take_word(line);
  runs.detail = line;
  return runs;
}

std::string describe_call(std::string_view call) {
  if (call == "start") return "making an instance";
  if (call == "initialize") return "_initialize";
  if (call == "again") return "its second call";
  return call == "after" ? "its call after _initialize" : "its first call";
}

std::string describe_trouble(const CountedRuns& counted) {
  if (counted.kind == "-") return {};
  const std::string text = "when run, " + describe_call(counted.call);
  if (counted.kind == "exception") return text + " ends with an exception";
  if (counted.kind == "instructions") return text + " needs more instructions than are allowed";
  return text + " traps: " + std::string(counted.detail);
}

std::string describe_numbers(const ExportRuns& runs) {
  const auto show = [](const std::optional<uint32_t>& number) {
    return number ? std::to_string(*number) : "?";
  };
  return show(runs.first) + ", " + show(runs.again) + ", " + show(runs.after_initialize);
}

void merge(const CountedRuns& counted, ExportRuns& runs) {
  const ExportRuns read = runs;
  bool is_contradiction = false;
  bool is_all_counted = counted.first.has_value();
  const auto take = [&](std::optional<uint32_t>& number, const std::optional<uint32_t>& count) {
    if (!count) {
      is_all_counted = is_all_counted && !number;
      return;
    }
    is_contradiction = is_contradiction || (number && *number != *count);
    runs.is_guess = runs.is_guess || !number;
    number = count;
  };
  take(runs.first, counted.first);
  take(runs.again, counted.again);
  take(runs.after_initialize, counted.after_initialize);
  // What the code does not tell may depend on arguments, of which a run tries one choice.
  runs.is_run = is_all_counted && counted.kind == "-" && !runs.is_guess;
  std::string reason = read.reason;
  if (runs.is_guess)
    reason = "counted when called with zeros" + (reason.empty() ? "" : "; " + reason);
  const auto add = [&reason](const std::string& text) {
    if (!text.empty()) reason += (reason.empty() ? "" : "; ") + text;
  };
  add(describe_trouble(counted));
  if (is_contradiction) {
    add("the code tells " + describe_numbers(read) + " (first, again, after _initialize), a run " +
        describe_numbers(runs));
  }
  runs.reason = std::move(reason);
}

void give_reason(const std::string& reason, std::vector<ExportRuns*>& left) {
  for (ExportRuns* runs : left)
    if (runs != nullptr) runs->reason += (runs->reason.empty() ? "" : "; ") + reason;
}

uint64_t count_memory(const Object& object) {
  uint64_t bytes = 0;
  const auto add = [&bytes](const Limits& limits) {
    const unsigned log2 = limits.page_size_log2.value_or(16);
    constexpr uint64_t kTooMany = uint64_t{1} << 40;
    bytes += log2 > 16 || limits.minimum > (kTooMany >> log2) ? kTooMany : limits.minimum << log2;
  };
  for (const Limits& memory : object.memories) add(memory);
  for (const uint32_t import : object.imported[static_cast<size_t>(ExternKind::memory)])
    add(object.imports[import].memory);
  return bytes;
}

// The entries of facts.init.runs by the position of their exports; null for other exports.
std::vector<ExportRuns*> index_runs(const Object& object, Facts& facts) {
  std::vector<ExportRuns*> by_position;
  size_t next = 0;
  for (const Export& entry : object.exports) {
    const bool is_listed = entry.kind == ExternKind::function && next < facts.init.runs.size();
    by_position.push_back(is_listed ? &facts.init.runs[next++] : nullptr);
    if (by_position.size() == kMaxExports) break;
  }
  return by_position;
}

// Positions of exports, those first whose runs are worth knowing.
std::vector<size_t> choose_exports(const std::vector<ExportRuns*>& runs) {
  std::vector<size_t> chosen;
  for (const bool wants_idle : {false, true}) {
    for (size_t i = 0; i < runs.size() && chosen.size() < kMaxExportsRun; ++i) {
      if (runs[i] == nullptr) continue;
      const bool is_idle = runs[i]->first == 0 && runs[i]->again == 0;
      if (is_idle == wants_idle) chosen.push_back(i);
    }
  }
  return chosen;
}

// Why the child ran nothing more: "KIND CONSTRUCTOR FUNCTION DETAIL".
std::string describe_refusal(std::string_view messages) {
  std::string_view line = messages.substr(0, messages.find('\n'));
  const std::string_view kind = take_word(line);
  take_word(line);
  take_word(line);
  if (kind == "memory") return "running it needs more memory than is allowed";
  if (kind == "unreadable")
    return "wabt's interpreter cannot run this module: " + std::string(line);
  return "it could not be run: " + std::string(line);
}

}  // namespace

void confirm_runs(const Object& object, Facts& facts) {
  if (object.has_linking || !facts.init.counted || facts.init.runs.empty()) return;
  std::vector<ExportRuns*> left = index_runs(object, facts);
  if (count_memory(object) > kMaxMemoryRun) {
    return give_reason(
        "not run: its memory begins with more than " + std::to_string(kMaxMemoryRun >> 20) + " MiB",
        left);
  }
  ChildRun run;
  run.input = object.bytes;
  run.arguments = {"run", std::to_string(*facts.init.counted), std::to_string(kMaxInstructionsRun),
                   std::to_string(kMaxMemoryRun / kPageSize)};
  for (const size_t position : choose_exports(left))
    run.arguments.push_back(std::to_string(position));
  // Two instances may live at once, and growing one copies it.
  run.limits.memory_bytes = kInterpreterBytes + 4 * kMaxMemoryRun + 64 * object.bytes.size();
  run.limits.output_bytes = uint64_t{16} << 20;
  run.limits.cpu_seconds = kCpuSeconds;
  run.limits.wall_seconds = 10 * kCpuSeconds;
  const Result<ChildResult> result = run_child("wasmpack-interpreter", run);
  if (!result) return give_reason("the run failed: " + result.error().message, left);
  std::string_view lines = as_string(result->output);
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const CountedRuns counted = parse_line(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    // The child parsed a hostile module, so its output is checked like any input.
    if (!counted.position || *counted.position >= left.size()) continue;
    ExportRuns*& runs = left[*counted.position];
    if (runs != nullptr) merge(counted, *runs);
    runs = nullptr;
  }
  if (result->exit_code != 0) return give_reason(describe_refusal(result->messages), left);
  give_reason(
      "not run: other exports needed all instructions that are allowed, or there are too many",
      left);
}

}  // namespace wasmpack
