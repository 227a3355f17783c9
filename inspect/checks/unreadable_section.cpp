// Sections that say what a module is, but cannot be read.

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

constexpr size_t kProblemShown = 500;

void find_unreadable(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const auto add = [&](std::string_view section, const std::string& problem) {
    if (problem.empty()) return;
    Diagnostic finding =
        make_finding(kUnreadableSection, input.facts,
                     cite_name(section) + " cannot be read: " + cut_text(problem, kProblemShown));
    finding.where.section = section;
    for (const SectionFact& fact : input.facts.sections)
      if (fact.id == 0 && fact.name == section && !finding.where.offset)
        finding.where.offset = fact.offset;
    findings.push_back(std::move(finding));
  };
  if (input.facts.bundle) add("wasmpack.manifest", input.facts.bundle->problem);
  if (input.facts.dylink) add("dylink.0", input.facts.dylink->problem);
}

}  // namespace

const Check kUnreadableSection = {
    .id = "unreadable-section",
    .severity = Severity::error,
    .reason = "hosts and loaders that read the section refuse the module or see another one",
    .fix = "make the module again; what edited its custom sections damaged them",
    .page = "The `wasmpack.manifest` section of a bundle, or `dylink.0` of a shared module.",
    .run = find_unreadable,
};

}  // namespace wasmpack
