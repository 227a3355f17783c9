// Larger than the rules allow.

#include "inspect/checks/check_table.h"
#include "inspect/checks/demand_text.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

void find_excess(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const auto add = [&](std::string_view what, uint64_t size, uint64_t budget) {
    if (size <= budget) return;
    findings.push_back(make_finding(kOverBudget, input.facts,
                                    std::string(what) + " has " + std::to_string(size) +
                                        " bytes, " + std::to_string(size - budget) +
                                        " more than the budget of " + std::to_string(budget)));
  };
  if (input.rules.max_size) add("the file", input.facts.size, *input.rules.max_size);
  for (const SectionBudget& budget : input.rules.section_budgets) {
    const PatternList pattern = make_patterns({&budget.section, 1});
    uint64_t size = 0;
    for (const SectionFact& section : input.facts.sections)
      if (pattern.matches(section.name)) size += section.size;
    add("section " + cite_name(budget.section), size, budget.bytes);
  }
}

}  // namespace

const Check kOverBudget = {
    .id = "over-budget",
    .severity = Severity::error,
    .reason = "the file is larger than was agreed",
    .fix = "`wasmpack inspect --sizes` tells where the bytes go, `--diff OLD` what grew",
    .page =
        "Only with `max-size` or `[max-section-size]` in the rules. A pattern such as `.debug_*` "
        "counts all sections that it matches.",
    .run = find_excess,
};

}  // namespace wasmpack
