#include "inspect/checks/init_state.h"

#include <algorithm>

#include "inspect/facts/chain_reruns.h"

namespace wasmpack {

bool has_module_constructors(const Facts& facts) {
  return (facts.kind == WasmKind::module || facts.kind == WasmKind::bundle) &&
         facts.init.chain == ChainState::present &&
         (!facts.constructors.empty() || !facts.init.is_plain);
}

bool is_run_by_convention(const InitFacts& init) {
  return std::ranges::any_of(init.callers, [](const ChainCaller& caller) {
    return caller.kind == CallerKind::start || is_init_entry_name(caller.name);
  });
}

void choose_help(const CheckInput& input, Diagnostic& finding) {
  const auto is_shared = [](const Limits& memory) { return memory.is_shared; };
  const InitFacts& init = input.facts.init;
  const Object* object = input.object;
  const bool has_shared_memory =
      object != nullptr && (std::ranges::any_of(object->memories, is_shared) ||
                            std::ranges::any_of(object->imports, [&](const Import& import) {
                              return import.kind == ExternKind::memory && is_shared(import.memory);
                            }));
  // Without names it is repaired only if each export is a wrapper, or there is an `_initialize`.
  const bool is_unsure = init.is_by_shape && init.model == InitModel::library &&
                         !std::ranges::all_of(init.callers, [](const ChainCaller& caller) {
                           return caller.kind == CallerKind::wrapper;
                         });
  if (init.destructors || has_shared_memory || is_unsure || init.model == InitModel::command)
    finding.help =
        "link it again with crt1-reactor.o (--no-entry, no `_start`), or give its objects to "
        "`wasmpack pack`";
}

void soften_by_shape(const InitFacts& init, Diagnostic& finding) {
  if (!init.is_by_shape) return;
  if (finding.severity == Severity::error) finding.severity = Severity::warning;
  finding.notes.emplace_back(
      "names are stripped: that this is the ctor chain is told by its shape alone");
}

bool has_wrappers(const InitFacts& init) {
  return std::ranges::any_of(
      init.callers, [](const ChainCaller& caller) { return caller.kind == CallerKind::wrapper; });
}

}  // namespace wasmpack
