// Constructors that run only if the host does something special.

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

void find_missing_init(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const InitFacts& init = input.facts.init;
  // Wrappers and other exports that run them at every call are ctor-rerun; nobody at all is
  // ctor-unreachable.
  if (!has_module_constructors(input.facts) || is_run_by_convention(init) || has_wrappers(init))
    return;
  const std::vector<std::string_view> reruns = list_reruns(init);
  const std::unordered_set<std::string_view> is_rerun(reruns.begin(), reruns.end());
  NameList names;
  if (init.exported_as) names.add(*init.exported_as);
  for (const ChainCaller& caller : init.callers)
    if (!is_rerun.contains(caller.name)) names.add(caller.name);
  if (names.empty()) return;
  std::string message =
      init.model == InitModel::reactor   ? "`_initialize` does not run the constructors"
      : init.model == InitModel::command ? "`_start` does not run the constructors"
                                         : "there are constructors but no `_initialize`";
  Diagnostic finding = make_finding(kInitMissing, input.facts,
                                    message + ": they run only if the host calls " + names.text());
  if (!init.is_complete) finding.severity = Severity::note;
  soften_by_shape(init, finding);
  choose_help(input, finding);
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kInitMissing = {
    .id = "init-missing",
    .severity = Severity::warning,
    .reason = "a host that only follows the conventions never runs the constructors",
    .fix =
        "link with an `_initialize` (crt1-reactor.o), or add one: `wasmpack inspect --fix "
        "ctors=initialize -o OUT FILE`",
    .page =
        "Hosts call `_initialize` (or `_start`) once and then any export; that is all they know. "
        "Here another export is the only way to the constructors: the chain itself, as "
        "Emscripten's JavaScript calls it, or an export that runs it first. Where that is what "
        "the host does, turn the check off in the rules.",
    .run = find_missing_init,
};

}  // namespace wasmpack
