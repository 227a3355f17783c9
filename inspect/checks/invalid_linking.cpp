// What inspect/facts/linking_problems.h found in an object: rules of Linking.md that it breaks
// (`invalid-linking`), and fields that disagree with their relocations (`stale-relocation`).

#include <algorithm>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

// The problems are diagnostics already: they keep their message, place, notes and help.
void add_problems(const Check& check, bool wants_stale, const CheckInput& input,
                  std::vector<Diagnostic>& findings) {
  size_t count = 0;
  for (const Diagnostic& problem : input.facts.linking_problems) {
    if ((problem.id == kStaleRelocation.id) != wants_stale) continue;
    if (++count > kFindingsShown) continue;
    Diagnostic finding = problem;
    finding.id = check.id;
    finding.severity = std::min(problem.severity, check.severity);
    finding.where.file = input.facts.file;
    finding.where.member = input.facts.member;
    if (finding.help.empty()) finding.help = check.fix;
    findings.push_back(std::move(finding));
  }
  if (count > kFindingsShown) {
    findings.push_back(
        make_finding(check, input.facts,
                     "and " + std::to_string(count - kFindingsShown) + " more of this kind"));
  }
}

void find_broken_rules(const CheckInput& input, std::vector<Diagnostic>& findings) {
  add_problems(kInvalidLinking, false, input, findings);
}

void find_stale_fields(const CheckInput& input, std::vector<Diagnostic>& findings) {
  add_problems(kStaleRelocation, true, input, findings);
}

}  // namespace

const Check kInvalidLinking = {
    .id = "invalid-linking",
    .severity = Severity::error,
    .reason = "a linker may refuse the object, crash on it, or patch the wrong bytes",
    .fix =
        "make the object again with its compiler; a tool that edits sections (llvm-objcopy, "
        "wasm-strip, wasm-opt) breaks objects",
    .page =
        "The object breaks a rule of the linking convention (tool-conventions Linking.md, with "
        "the rules on relocation sites that were published in October 2025). The message names "
        "the rule, the section and the offset.",
    .run = find_broken_rules,
};

const Check kStaleRelocation = {
    .id = "stale-relocation",
    .severity = Severity::error,
    .reason = "tools that read the code without its relocations see another function or address",
    .fix = "make the object again with its compiler, not with a tool that knows no relocations",
    .page =
        "A relocated field does not hold what its relocation says: something renumbered one and "
        "not the other. Linkers overwrite the field, so a link may still be right.",
    .run = find_stale_fields,
};

}  // namespace wasmpack
