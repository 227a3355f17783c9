#include "inspect/repair/repair_module.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "inspect/facts/guard_body.h"
#include "inspect/facts/type_text.h"
#include "inspect/repair/chain_shapes.h"
#include "inspect/repair/refusals.h"
#include "object/call_reach.h"
#include "object/instructions.h"
#include "object/module_editor.h"
#include "object/object_assembler.h"
#include "object/section_readers.h"

namespace wasmpack {
namespace {

// Names of what is added, for stack traces and disassemblies.
constexpr std::string_view kInitialize = "_initialize";
constexpr std::string_view kGuardName = "__wasmpack_run_constructors_once";
constexpr std::string_view kStateName = "__wasmpack_constructors_state";
constexpr std::string_view kStartName = "__wasmpack_start";
constexpr std::string_view kCheckSuffix = ".constructed";

constexpr uint8_t kI32[] = {0x7f};
constexpr uint8_t kZero[] = {opcode::kI32Const, 0x00, opcode::kEnd};

class RepairWriter {
 public:
  RepairWriter(const Object& module, const RepairPlan& plan)
      : module_(module), plan_(plan), guard_(module.function_count()) {}

  std::vector<uint8_t> write() {
    add_guard();
    change_exports();
    if (plan_.sets_start) set_start();
    edits_.names_wasmpack = true;
    return edit_module(module_, edits_);
  }

 private:
  uint32_t add_function(uint32_t type, std::vector<uint8_t> body, std::string name) {
    edits_.functions.push_back({type, std::move(body), std::move(name)});
    return guard_ + static_cast<uint32_t>(edits_.functions.size() - 1);
  }

  void add_guard() {
    edits_.globals.push_back({{kI32, true}, kZero, std::string(kStateName)});
    const uint32_t state = index_space_size(module_, ExternKind::global);
    add_function(module_.function_type(plan_.chain),
                 make_guard_body(plan_.initializer, state, plan_.imports_functions),
                 std::string(kGuardName));
  }

  void change_exports() {
    std::vector<Export> exports = module_.exports;
    for (const ExportPlan& entry : plan_.exports) {
      Export& changed = exports[entry.position];
      switch (entry.action) {
        case ExportAction::keep:
          break;
        case ExportAction::retarget:
          changed.index = entry.function;
          break;
        case ExportAction::guard:
          changed.index = guard_;
          break;
        case ExportAction::check:
          changed.index = find_check(entry.function, changed.name);
          break;
      }
    }
    if (plan_.adds_initialize) exports.push_back({kInitialize, ExternKind::function, guard_});
    const bool is_changed =
        plan_.adds_initialize || std::ranges::any_of(plan_.exports, [](const ExportPlan& entry) {
          return entry.action != ExportAction::keep;
        });
    if (is_changed) edits_.exports = std::move(exports);
  }

  // Exports of one function share the function that checks.
  uint32_t find_check(uint32_t function, std::string_view name) {
    const auto [check, is_new] = checks_.try_emplace(function, 0);
    if (is_new) {
      const uint32_t type = module_.function_type(function);
      BodyWriter body;
      body.op(opcode::kCall).index(guard_);
      const uint32_t params = count_parameters(module_.types[type]).value_or(0);
      for (uint32_t i = 0; i < params; ++i) body.op(opcode::kLocalGet).index(i);
      body.op(opcode::kCall).index(function).op(opcode::kEnd);
      check->second =
          add_function(type, body.without_locals(), std::string(name) + std::string(kCheckSuffix));
    }
    return check->second;
  }

  void set_start() {
    edits_.start = guard_;
    if (!module_.start) return;
    BodyWriter body;
    body.op(opcode::kCall).index(*module_.start);
    body.op(opcode::kCall).index(guard_).op(opcode::kEnd);
    edits_.start = add_function(module_.function_type(plan_.chain), body.without_locals(),
                                std::string(kStartName));
  }

  const Object& module_;
  const RepairPlan& plan_;
  const uint32_t guard_;
  ModuleEdits edits_;
  std::unordered_map<uint32_t, uint32_t> checks_;  // by what they call
};

tl::unexpected<Diagnostic> fail_check(const Object& module, std::string what) {
  return fail("internal-error", {.file = std::string(module.file)},
              "the repair went wrong, nothing was written: " + std::move(what),
              "please report it with the module");
}

void append_count(std::string& text, size_t count, std::string_view what, std::string_view done) {
  if (count == 0) return;
  if (!text.empty()) text += ", ";
  text += std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
  text += ' ' + std::string(done);
}

void append_part(std::string& text, const std::string& part) {
  if (!text.empty()) text += ", ";
  text += part;
}

}  // namespace

std::vector<uint8_t> write_repaired(const Object& module, const RepairPlan& plan) {
  return RepairWriter(module, plan).write();
}

Result<void> check_repaired(const Object& before, const Object& after, const RepairPlan& plan) {
  const uint32_t guard = before.function_count();
  if (after.function_count() <= guard || !read_guard_body(after.function_body(guard)))
    return fail_check(before, "the guard is missing");
  const size_t added = plan.adds_initialize ? 1 : 0;
  if (after.exports.size() != before.exports.size() + added)
    return fail_check(before, "the number of exports is wrong");
  for (size_t i = 0; i < before.exports.size(); ++i) {
    const Export& old = before.exports[i];
    const Export& now = after.exports[i];
    if (now.name != old.name || now.kind != old.kind ||
        render_entity_type(after, now.kind, now.index) !=
            render_entity_type(before, old.kind, old.index))
      return fail_check(before, "the export " + quote_name(old.name) + " has changed");
  }
  CallReach reach(after);
  reach.block(guard);
  for (const Export& entry : after.exports)
    if (entry.kind == ExternKind::function) reach.add_root(entry.index);
  if (after.start) reach.add_root(*after.start);
  reach.add_references();
  reach.run();
  if (reach.is_reached(plan.chain)) return fail_check(before, "the chain has another caller");
  if (!reach.is_reached(guard)) return fail_check(before, "nobody calls the guard");
  return {};
}

std::string describe_repair(const Object& module, const RepairPlan& plan) {
  std::string text;
  append_count(text, plan.undone_wrappers, "wrapper", "undone");
  if (plan.adds_initialize) append_part(text, "`_initialize` exported");
  size_t checks = 0;
  for (const ExportPlan& entry : plan.exports) {
    if (entry.action == ExportAction::check) ++checks;
    if (entry.action == ExportAction::guard)
      append_part(text, quote_name(module.exports[entry.position].name) + " guarded");
  }
  append_count(text, checks, "export", checks == 1 ? "checks first" : "check first");
  if (plan.sets_start) append_part(text, "the start section runs the constructors");
  return text;
}

}  // namespace wasmpack
