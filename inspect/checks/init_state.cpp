#include "inspect/checks/init_state.h"

#include <algorithm>

#include "inspect/facts/chain_reruns.h"

namespace wasmpack {

bool has_module_constructors(const Facts& facts) {
  return (facts.kind == WasmKind::module || facts.kind == WasmKind::bundle) &&
         facts.init.chain == ChainState::present && !facts.constructors.empty();
}

bool is_run_by_convention(const InitFacts& init) {
  return std::ranges::any_of(init.callers, [](const ChainCaller& caller) {
    return caller.kind == CallerKind::start || is_init_entry_name(caller.name);
  });
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
