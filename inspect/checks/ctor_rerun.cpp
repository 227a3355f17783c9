// Exports that run all constructors again each time they are called.

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/checks/init_state.h"
#include "inspect/facts/chain_reruns.h"

namespace wasmpack {
namespace {

void find_reruns(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const InitFacts& init = input.facts.init;
  if (!has_module_constructors(input.facts)) return;
  NameList names;
  for (const std::string_view name : list_reruns(init)) names.add(name);
  if (names.empty()) return;
  Diagnostic finding = make_finding(
      kCtorRerun, input.facts, "each call of " + names.text() + " runs all constructors once more");
  if (init.model == InitModel::command) {
    finding.severity = Severity::warning;
    finding.notes.emplace_back(
        "it is a command: hosts call `_start` and nothing else, and only once");
  }
  soften_by_shape(init, finding);
  choose_help(input, finding);
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kCtorRerun = {
    .id = "ctor-rerun",
    .severity = Severity::error,
    .reason = "state is set up again and registrations pile up with every call of an export",
    .fix =
        "repair the module with `wasmpack inspect --fix ctors=initialize -o OUT FILE`, or link "
        "with an `_initialize` (crt1-reactor.o)",
    .page =
        "wasm-ld wraps every export of a module without `_initialize` in a function named "
        "`<function>.command_export`, which runs the constructors first: the first call finds "
        "them run once, the second twice, and so on. The same is said of an export that calls the "
        "chain without a guard. In a command, which has `_start` and is called once, it is a "
        "warning, and none if `_start` is the only such export. Of a module without names it is a "
        "warning too.",
    .run = find_reruns,
};

}  // namespace wasmpack
