// Constructors that run twice although everybody calls what they should.

#include <algorithm>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/checks/init_state.h"
#include "inspect/facts/chain_reruns.h"

namespace wasmpack {
namespace {

// A function that is in the list twice.
void find_listed_twice(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Facts& facts = input.facts;
  // An optimizer inlined constructors into the chain: its calls are not constructors alone.
  if (!facts.init.is_plain) return;
  std::vector<FunctionRef> functions;
  for (const ConstructorFact& constructor : facts.constructors)
    functions.push_back(constructor.function);
  std::ranges::stable_sort(functions, {}, &FunctionRef::index);
  NameList names;
  std::vector<std::string> made;  // names of nameless functions; NameList only views them
  made.reserve(kNamesShown);
  for (size_t i = 1; i < functions.size(); ++i) {
    const uint32_t index = functions[i].index;
    if (functions[i - 1].index != index) continue;
    if (i >= 2 && functions[i - 2].index == index) continue;  // each once
    if (!functions[i].name.empty()) {
      names.add(functions[i].name);
    } else {
      if (made.size() < kNamesShown) made.push_back("func[" + std::to_string(index) + "]");
      names.add(made.back());
    }
  }
  if (names.empty()) return;
  const bool is_object = facts.kind == WasmKind::object;
  Diagnostic finding =
      make_finding(kCtorTwice, facts,
                   (is_object ? "the object's INIT_FUNCS lists " : "the ctor chain calls ") +
                       names.text() + " more than once");
  if (is_object) {
    finding.where.section = "linking";
  } else {
    // Optimizers make one function of equal ones.
    finding.severity = Severity::warning;
    finding.notes.emplace_back(
        "an optimizer that merges equal functions leaves such a chain, too; then it is right");
  }
  findings.push_back(std::move(finding));
}

// The start section runs the chain, and `_initialize` does it again.
void find_run_twice(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (!has_module_constructors(input.facts)) return;
  for (const ExportRuns& runs : input.facts.init.runs) {
    if (!is_init_entry_name(runs.name) || !runs.first || *runs.first < 2) continue;
    Diagnostic finding =
        make_finding(kCtorTwice, input.facts,
                     "all constructors have run " + std::to_string(*runs.first) +
                         " times when the host has "
                         "called " +
                         cite_name(runs.name) + ": it runs them, and so does the start section");
    soften_by_shape(input.facts.init, finding);
    findings.push_back(std::move(finding));
  }
}

void find_twice(const CheckInput& input, std::vector<Diagnostic>& findings) {
  find_listed_twice(input, findings);
  find_run_twice(input, findings);
}

}  // namespace

const Check kCtorTwice = {
    .id = "ctor-twice",
    .severity = Severity::error,
    .reason = "a constructor that runs twice registers twice and forgets what happened in between",
    .fix =
        "link with one way to run constructors (an `_initialize` or the start section), each "
        "object once; `wasmpack inspect --fix ctors=initialize` adds a guard",
    .page =
        "Found are an object that lists a function twice as its init function, a chain that calls "
        "a function twice (a warning: optimizers merge equal functions), and a module whose start "
        "section and `_initialize` both run the chain without a guard.",
    .run = find_twice,
};

}  // namespace wasmpack
