#include "inspect/checks/check_table.h"

namespace wasmpack {
namespace {

void find_reruns(const CheckInput& input, std::vector<Diagnostic>& findings) {
  size_t count = 0;
  for (const ChainCaller& caller : input.facts.init.callers)
    if (caller.kind == CallerKind::wrapper) ++count;
  if (count == 0 || input.facts.constructors.empty()) return;
  findings.push_back(make_finding(kCtorRerun, input.facts,
                                  "all constructors run again at every call of " +
                                      std::to_string(count) +
                                      (count == 1 ? " export" : " exports")));
}

}  // namespace

const Check kCtorRerun = {
    .id = "ctor-rerun",
    .severity = Severity::error,
    .reason = "each call of an export runs all constructors once more",
    .fix =
        "repair the module with `wasmpack inspect --fix ctors=initialize -o OUT FILE`, or link "
        "with an `_initialize` (crt1-reactor.o)",
    .page =
        "wasm-ld wraps every export of a module without `_initialize` in a function named "
        "`<function>.command_export`, which runs the constructors first.",
    .run = find_reruns,
};

}  // namespace wasmpack
