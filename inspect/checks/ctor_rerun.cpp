// Exports that run all constructors again each time they are called.

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/checks/init_state.h"
#include "inspect/facts/chain_reruns.h"

namespace wasmpack {
namespace {

void find_reruns(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const InitFacts& init = input.facts.init;
  if (!has_module_constructors(input.facts)) return;
  NameList sure, guessed;
  const std::vector<std::string_view> told = list_sure_reruns(init);
  for (const std::string_view name : told) sure.add(name);
  const std::unordered_set<std::string_view> known(told.begin(), told.end());
  for (const std::string_view name : list_reruns(init))
    if (!known.contains(name)) guessed.add(name);
  const auto report = [&](const std::string& text, std::string_view note) {
    Diagnostic finding = make_finding(kCtorRerun, input.facts, text);
    if (!note.empty()) {
      finding.severity = Severity::warning;
      finding.notes.emplace_back(note);
    }
    soften_by_shape(init, finding);
    choose_help(input, finding);
    findings.push_back(std::move(finding));
  };
  if (!sure.empty()) {
    report("each call of " + sure.text() + " runs all constructors once more",
           init.model == InitModel::command
               ? "it is a command: hosts call `_start` and nothing else, and only once"
               : "");
  }
  if (!guessed.empty()) {
    report("called with zeros, " + guessed.text() + " runs all constructors once more each time",
           "the code does not tell whether that depends on arguments, or on what imports return");
  }
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
        "warning too, and where only a run with zeros as arguments (`--run`) tells it.",
    .run = find_reruns,
};

}  // namespace wasmpack
