#include "packager/snapshot.h"

#include <string>
#include <utility>

#include "object/instructions.h"
#include "object/read.h"
#include "packager/snapshot_module.h"
#include "packager/snapshot_run.h"

namespace wasmpack {
namespace {

// What can be said of a module without running it.
class SnapshotChecker {
 public:
  SnapshotChecker(const Object& module, const SnapshotLimits& limits, DiagnosticSink& sink)
      : module_(module), limits_(limits), sink_(sink) {}

  void check_entry() {
    if (module_.has_linking || module_.has_dylink || !module_.relocations.empty())
      refuse("it is not a finished module, but an object or a shared library");
    if (module_.start) refuse("it has a start function, which would run in the host again");
    bool has_initialize = false;
    for (const Export& entry : module_.exports) {
      if (entry.name != "_initialize" || entry.kind != ExternKind::function) continue;
      const FuncType& type = module_.types[module_.function_type(entry.index)];
      has_initialize = !module_.find_import(ExternKind::function, entry.index) &&
                       type.params.empty() && type.results.empty();
    }
    if (!has_initialize) refuse("it exports no function `_initialize` of type ()->()");
  }

  void check_imports() {
    for (const Import& import : module_.imports) {
      if (import.kind == ExternKind::function) continue;
      refuse("it imports the " + std::string(extern_kind_name(import.kind)) + " `" +
             std::string(import.module) + "." + std::string(import.field) +
             "`, whose content only the host knows");
    }
  }

  void check_memory() {
    if (module_.imported_count(ExternKind::memory) != 0) return;  // it was refused before
    if (module_.memories.size() != 1) return refuse("it does not have exactly one memory");
    const Limits& memory = module_.memories.front();
    if (memory.is_shared) refuse("its memory is shared");
    if (memory.is64) refuse("its memory has 64-bit addresses");
    if (memory.page_size_log2) refuse("its memory has pages of another size");
    if (memory.minimum > limits_.memory_bytes / 65536) {
      refuse("its memory of " + std::to_string(memory.minimum) + " pages is larger than the " +
                 std::to_string(limits_.memory_bytes >> 20) + " MiB that the interpreter may use",
             "snapshot-limit");
    }
  }

  void check_tables() {
    constexpr uint64_t kMostEntries = 10'000'000;  // engines have no larger ones
    for (const Table& table : module_.tables) {
      if (table.type.limits.minimum > kMostEntries)
        refuse("it has a table of " + std::to_string(table.type.limits.minimum) + " entries",
               "snapshot-limit");
    }
  }

  // A snapshot has other segments, so nothing may refer to those of the module.
  void check_segments() {
    for (const DataSegment& segment : module_.data) {
      if (segment.init_flags != 1) continue;
      refuse("it has a passive data segment" +
             (segment.name.empty() ? "" : " `" + std::string(segment.name) + "`"));
      break;
    }
    if (!module_.data_count) return;  // without it no code may refer to segments
    const uint32_t imported = module_.imported_count(ExternKind::function);
    for (uint32_t i = 0; i < module_.functions.size(); ++i) check_code(imported + i);
  }

 private:
  void check_code(uint32_t function) {
    constexpr uint8_t kBulkPrefix = 0xfc;
    constexpr uint32_t kMemoryInit = 8, kDataDrop = 9;
    InstructionReader reader(module_.function_body(function));
    Instruction instruction;
    while (reader.next(instruction)) {
      if (instruction.opcode != kBulkPrefix) continue;
      if (instruction.index != kMemoryInit && instruction.index != kDataDrop) continue;
      return refuse(function_label(module_, function) + " uses " +
                    (instruction.index == kMemoryInit ? "memory.init" : "data.drop"));
    }
    if (!reader.is_complete())
      refuse(function_label(module_, function) + " has an instruction that is not understood",
             "snapshot-features");
  }

  void refuse(std::string reason, std::string_view id = "snapshot-refused") {
    sink_.report(
        fail(id, {}, "no snapshot can be taken of this module: " + std::move(reason), kSnapshotHelp)
            .value());
  }

  const Object& module_;
  const SnapshotLimits& limits_;
  DiagnosticSink& sink_;
};

}  // namespace

std::optional<std::vector<uint8_t>> take_snapshot(Bytes module, const SnapshotLimits& limits,
                                                  DiagnosticSink& sink) {
  const auto report = [&](Diagnostic problem) {
    sink.report(std::move(problem));
    return std::nullopt;
  };
  Result<Object> object = read_object(module, "the module before its snapshot");
  if (!object) return report(std::move(object.error()));
  DiagnosticSink refusals;
  SnapshotChecker checker(*object, limits, refusals);
  checker.check_entry();
  checker.check_imports();
  checker.check_memory();
  checker.check_tables();
  checker.check_segments();
  const bool is_refused = refusals.has_errors();
  for (Diagnostic& refusal : refusals.take_sorted()) sink.report(std::move(refusal));
  if (is_refused) return std::nullopt;

  Result<InstanceState> state = run_constructors(*object, limits);
  if (!state) return report(std::move(state.error()));
  Result<std::vector<uint8_t>> snapshot = write_snapshot(*object, *state, limits);
  if (!snapshot) return report(std::move(snapshot.error()));
  return std::move(*snapshot);
}

}  // namespace wasmpack
