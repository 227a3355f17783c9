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

bool has_wrappers(const InitFacts& init) {
  return std::ranges::any_of(
      init.callers, [](const ChainCaller& caller) { return caller.kind == CallerKind::wrapper; });
}

}  // namespace wasmpack
