#include "inspect/repair/repair_plan.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "inspect/facts/ctor_chain_shape.h"
#include "inspect/facts/function_names.h"
#include "inspect/repair/chain_shapes.h"
#include "inspect/repair/refusals.h"
#include "object/call_reach.h"
#include "object/function_calls.h"
#include "object/module_editor.h"

namespace wasmpack {
namespace {

constexpr std::string_view kInitialize = "_initialize";

// Code that `lazy` may add: each exported function gets one with an instruction a parameter.
constexpr uint64_t kMaxAddedBytes = uint64_t{64} << 20;

class Planner {
 public:
  Planner(const Object& module, const Facts& facts, RepairMode mode)
      : module_(module), facts_(facts), names_(module) {
    plan_.mode = mode;
    plan_.chain = plan_.initializer = *facts.init.function;
    plan_.imports_functions = module.imported_count(ExternKind::function) != 0;
  }

  Result<RepairPlan> plan() {
    list_exports();
    if (std::optional<Diagnostic> refusal = read_wrappers()) return tl::unexpected(*refusal);
    if (std::optional<Diagnostic> refusal = find_initializer()) return tl::unexpected(*refusal);
    if (std::optional<Diagnostic> refusal = check_other_ways()) return tl::unexpected(*refusal);
    choose_actions();
    if (std::optional<Diagnostic> refusal = check_size()) return tl::unexpected(*refusal);
    add_warnings();
    return std::move(plan_);
  }

 private:
  void list_exports() {
    for (uint32_t i = 0; i < module_.exports.size(); ++i)
      if (module_.exports[i].kind == ExternKind::function)
        plan_.exports.push_back({i, module_.exports[i].index});
  }

  std::string_view name_of(const ExportPlan& entry) const {
    return module_.exports[entry.position].name;
  }

  ExportPlan* find_initialize() {
    const auto found = std::ranges::find(
        plan_.exports, kInitialize, [this](const ExportPlan& entry) { return name_of(entry); });
    return found == plan_.exports.end() ? nullptr : &*found;
  }

  // Exports that are the chain, or wrap another function.
  std::optional<Diagnostic> read_wrappers() {
    bool is_all_wrapped = true;
    // A hostile file may export one long function very often.
    std::unordered_map<uint32_t, ChainUser> users;
    for (ExportPlan& entry : plan_.exports) {
      const auto [known, is_new] = users.try_emplace(entry.function);
      if (is_new) known->second = read_chain_user(module_, entry.function, plan_.chain);
      const ChainUser& user = known->second;
      if (entry.function == plan_.chain || user.shape == ChainShape::call) {
        entry.action = ExportAction::guard;
      } else if (user.shape == ChainShape::wrapper) {
        entry = {entry.position, user.target, ExportAction::retarget};
        ++plan_.undone_wrappers;
      } else if (user.shape == ChainShape::destructors && is_destructors(user.finisher)) {
        return refuse_fix(facts_,
                          "the wrapper of " + quote_name(name_of(entry)) +
                              " also runs destructors (`__wasm_call_dtors`) behind each call, and "
                              "without it nothing would",
                          std::string(kRelink))
            .value();
      }
      const bool is_import =
          module_.find_import(ExternKind::function, module_.exports[entry.position].index);
      if (entry.action != ExportAction::retarget && !is_import) is_all_wrapped = false;
    }
    // An `_initialize` without names is run as a whole, whatever it is that it runs.
    const bool is_told = (is_all_wrapped && is_typical_chain()) ||
                         (plan_.undone_wrappers == 0 && find_initialize() != nullptr);
    if (facts_.init.is_by_shape && !is_told) {
      return refuse_fix(facts_,
                        "its names are stripped, and what looks like its ctor chain may be "
                        "something else: only if every export is a wrapper it is sure",
                        "repair it before its names are stripped")
          .value();
    }
    return std::nullopt;
  }

  bool is_destructors(uint32_t function) const {
    return facts_.init.destructors == function || !names_.has_names() ||
           names_.find(function) == "__wasm_call_dtors";
  }

  // Without names: nothing but calls of constructors.
  bool is_typical_chain() const {
    const FunctionCalls calls = find_function_calls(module_.function_body(plan_.chain));
    return calls.is_plain && calls.is_complete &&
           std::ranges::all_of(calls.callees, [this](uint32_t callee) {
             return callee < module_.function_count() &&
                    module_.types[module_.function_type(callee)].params.empty();
           });
  }

  // An `_initialize` that leads to the chain and does more is what the guard runs.
  std::optional<Diagnostic> find_initializer() {
    for (const Export& entry : module_.exports) {
      if (entry.name != kInitialize || entry.kind == ExternKind::function) continue;
      return refuse_fix(facts_, "its export `_initialize` is no function", std::string(kRelink))
          .value();
    }
    ExportPlan* const entry = find_initialize();
    if (entry == nullptr || entry->action != ExportAction::keep) return std::nullopt;
    CallReach reach(module_);
    reach.block(plan_.chain);
    reach.add_root(entry->function);
    reach.run();
    if (!reach.is_reached(plan_.chain)) return std::nullopt;
    const FuncType& type = module_.types[module_.function_type(entry->function)];
    if (!type.params.empty() || !type.results.empty()) {
      return refuse_fix(facts_,
                        "its `_initialize` leads to the constructors and has parameters or "
                        "results, so a guard cannot call it",
                        std::string(kRelink))
          .value();
    }
    plan_.initializer = entry->function;
    entry->action = ExportAction::guard;
    if (plan_.mode == RepairMode::initialize && plan_.undone_wrappers == 0 &&
        is_guarded(kInitialize)) {
      return nothing_to_fix(facts_,
                            "`_initialize` runs the constructors, once however often it is called",
                            "for hosts that do not call it: --fix ctors=start or ctors=lazy")
          .value();
    }
    return std::nullopt;
  }

  // Whether it is known that calling that export again runs nothing again.
  bool is_guarded(std::string_view name) const {
    const auto runs = std::ranges::find(facts_.init.runs, name, &ExportRuns::name);
    return runs != facts_.init.runs.end() && runs->first && runs->again == runs->first;
  }

  // The chain must not run but through the guard: whatever else leads there has its own way.
  std::optional<Diagnostic> check_other_ways() {
    CallReach reach(module_);
    reach.block(plan_.chain);
    // First, so that it is what a message names.
    if (module_.start) reach.add_root(*module_.start);
    for (const ExportPlan& entry : plan_.exports)
      if (entry.action != ExportAction::guard) reach.add_root(entry.function);
    reach.add_references();
    reach.run();
    if (reach.is_reached(plan_.chain)) return refuse_way(reach.list_path(plan_.chain));
    if (const std::optional<uint32_t> function = reach.unknown()) {
      return refuse_fix(facts_,
                        describe_function(*function) +
                            " has an instruction that wasmpack does not know, so it cannot be "
                            "told who runs the constructors",
                        std::string(kRelink))
          .value();
    }
    return std::nullopt;
  }

  std::string describe_function(uint32_t function) const {
    const std::string_view name = names_.find(function);
    return name.empty() ? "function " + std::to_string(function) : quote_name(name);
  }

  Diagnostic refuse_way(const std::vector<uint32_t>& path) {
    const uint32_t root = path.front();
    std::string through;
    constexpr size_t kLongestPath = 8;
    for (size_t i = 1; i + 1 < path.size() && i <= kLongestPath; ++i)
      through += (i == 1 ? " (through " : ", ") + describe_function(path[i]);
    if (!through.empty()) through += ')';
    if (module_.start == root && plan_.undone_wrappers != 0) {
      return refuse_fix(facts_,
                        "its start section runs the constructors" + through +
                            ", and the wrappers of its exports run them again",
                        std::string(kRelink))
          .value();
    }
    if (module_.start == root) {
      return nothing_to_fix(
                 facts_,
                 "its start section runs the constructors, when it is instantiated" + through,
                 "hosts must not run them again: if there is an `_initialize`, they "
                 "leave it alone")
          .value();
    }
    const auto entry = std::ranges::find(plan_.exports, root, &ExportPlan::function);
    const std::string who = entry != plan_.exports.end()
                                ? "its export " + quote_name(name_of(*entry))
                                : describe_function(root) + ", whose address is taken,";
    const bool was_wrapper =
        entry != plan_.exports.end() &&
        names_.find(module_.exports[entry->position].index).ends_with(kWrapperSuffix);
    if (was_wrapper && through.empty()) {
      return refuse_fix(facts_,
                        who +
                            " runs the constructors in code that is no plain wrapper any more: "
                            "an optimizer has put it together with what it wrapped",
                        "repair it before it is optimized, or link again: " + std::string(kRelink))
          .value();
    }
    return refuse_fix(facts_,
                      who + " leads to the constructors" + through +
                          ", perhaps behind a guard of its own, which a second one would not know",
                      "call that export first, or take the call of `__wasm_call_ctors` out of its "
                      "source and repair the module then")
        .value();
  }

  void choose_actions() {
    ExportPlan* const initialize = find_initialize();
    if (plan_.mode == RepairMode::lazy) {
      for (ExportPlan& entry : plan_.exports)
        if (entry.action != ExportAction::guard) entry.action = ExportAction::check;
    } else if (plan_.mode == RepairMode::initialize && initialize != nullptr &&
               initialize->action != ExportAction::guard) {
      // It does something else, at every call as before.
      initialize->action = ExportAction::check;
    }
    plan_.sets_start = plan_.mode == RepairMode::start;
    plan_.adds_initialize = plan_.mode != RepairMode::start && initialize == nullptr;
  }

  std::optional<Diagnostic> check_size() const {
    std::vector<bool> seen(module_.function_count(), false);
    uint64_t bytes = 0;
    // The guard, and a start function that calls the old one first.
    size_t functions = plan_.sets_start && module_.start ? 2 : 1;
    for (const ExportPlan& entry : plan_.exports) {
      if (entry.action != ExportAction::check || seen[entry.function]) continue;
      seen[entry.function] = true;
      ++functions;
      const FuncType& type = module_.types[module_.function_type(entry.function)];
      if (!type.is_function)
        return refuse_fix(facts_, "an exported function has no function type", "").value();
      bytes += 16 + 4 * uint64_t{type.params.size()};
    }
    if (bytes > kMaxAddedBytes) {
      return refuse_fix(facts_,
                        "functions that check first would take more than 64 MiB, so many exports "
                        "and parameters it has",
                        "use --fix ctors=initialize or ctors=start")
          .value();
    }
    const bool has_debug_info = std::ranges::any_of(module_.sections, [](const Section& section) {
      return section.is_custom() &&
             (section.name.starts_with(".debug_") || section.name == "external_debug_info");
    });
    if (has_debug_info && moves_bodies(module_, functions)) {
      return refuse_fix(facts_,
                        "with the functions that must be added, their number takes a byte more, "
                        "and all addresses in its debug information would be wrong",
                        "strip debug information first (llvm-strip --strip-debug), or repair "
                        "without it")
          .value();
    }
    return std::nullopt;
  }

  void add_warnings() {
    if (module_.find_custom_section("sourceMappingURL") >= 0) {
      warn("source-map-moved",
           "its source map counts from the start of the file, so its places no longer fit",
           "make the source map from the debug information again");
    }
    if (plan_.mode != RepairMode::start || !plan_.imports_functions) return;
    CallReach reach(module_);
    reach.add_root(plan_.initializer);
    reach.run();
    for (uint32_t i = 0; i < module_.imported_count(ExternKind::function); ++i) {
      if (!reach.is_reached(i)) continue;
      const Import* import = module_.find_import(ExternKind::function, i);
      return warn("start-imports",
                  "a constructor may call the import " +
                      quote_name(std::string(import->module) + "." + std::string(import->field)) +
                      " at instantiation, when a host has no exports to look at yet, not even the "
                      "memory",
                  "use --fix ctors=initialize or ctors=lazy, if the host needs them");
    }
  }

  void warn(std::string_view id, std::string message, std::string help) {
    Diagnostic warning =
        fail(id, {.file = facts_.file}, std::move(message), std::move(help)).value();
    warning.severity = Severity::warning;
    plan_.warnings.push_back(std::move(warning));
  }

  const Object& module_;
  const Facts& facts_;
  const FunctionNames names_;
  RepairPlan plan_{};
};

}  // namespace

std::string_view repair_mode_name(RepairMode mode) {
  constexpr std::string_view names[] = {"initialize", "start", "lazy"};
  return names[static_cast<size_t>(mode)];
}

Result<RepairPlan> plan_repair(const Object& module, const Facts& facts, RepairMode mode) {
  if (std::optional<Diagnostic> refusal = find_refusal(module, facts))
    return tl::unexpected(std::move(*refusal));
  return Planner(module, facts, mode).plan();
}

}  // namespace wasmpack
