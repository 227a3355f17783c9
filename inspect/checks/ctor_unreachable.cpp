// Constructors that nothing runs.

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/checks/init_state.h"
#include "inspect/facts/chain_reruns.h"

namespace wasmpack {
namespace {

void find_unreachable(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const InitFacts& init = input.facts.init;
  if (!has_module_constructors(input.facts) || init.exported_as || !init.callers.empty()) return;
  NameList names;
  for (const ConstructorFact& constructor : input.facts.constructors)
    names.add(constructor.function.name.empty() ? "(no name)" : constructor.function.name);
  Diagnostic finding = make_finding(
      kCtorUnreachable, input.facts,
      !init.is_plain
          ? std::string("nothing runs the constructors, which an optimizer has inlined")
          : "nothing runs " +
                (names.count() == 1 ? "the constructor "
                                    : "the " + std::to_string(names.count()) + " constructors ") +
                names.text());
  if (const ExportRuns* doubtful = find_doubtful_export(init)) {
    finding.severity = Severity::warning;
    finding.message += " directly";
    finding.notes.push_back("perhaps " + cite_name(doubtful->name) + " does: " + doubtful->reason);
  } else if (!init.is_complete) {
    finding.severity = Severity::warning;
    finding.notes.emplace_back("not all of the code could be read: a caller may be in the rest");
  }
  soften_by_shape(init, finding);
  choose_help(input, finding);
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kCtorUnreachable = {
    .id = "ctor-unreachable",
    .severity = Severity::error,
    .reason = "what the constructors set up and register is missing in every run",
    .fix =
        "repair the module with `wasmpack inspect --fix ctors=initialize -o OUT FILE`, or link "
        "with crt1-reactor.o",
    .page =
        "The module has a ctor chain (`__wasm_call_ctors`), but neither an export nor the start "
        "section leads to it. A warning if an export may lead there through a table. Rust's "
        "`cdylib` with a C++ library in it is made so. Where the host "
        "can at least call the chain itself it is `init-missing`.",
    .run = find_unreachable,
};

}  // namespace wasmpack
