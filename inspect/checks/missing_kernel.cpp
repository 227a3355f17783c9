// Kernels that the manifest asks for and the bundle does not have.

#include "inspect/checks/check_table.h"
#include "inspect/checks/export_demands.h"
#include "inspect/checks/finding_text.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

// For each kernel of the rules.
std::vector<bool> find_present(const CheckInput& input) {
  const std::vector<ExpectedKernel>& wanted = input.rules.kernels;
  std::vector<bool> is_there(wanted.size());
  if (input.facts.bundle) {
    const KernelDemands demands(input.rules);
    for (const KernelFact& kernel : input.facts.bundle->kernels)
      for (const size_t position : demands.find(kernel)) is_there[position] = true;
    return is_there;
  }
  // Without the bundle's own list only exports tell; of patterns nothing does.
  const ExportsByName exports = index_exports(input.facts);
  for (size_t i = 0; i < wanted.size(); ++i)
    is_there[i] =
        wanted[i].is_pattern || !wanted[i].is_exported || exports.contains(wanted[i].name);
  return is_there;
}

void find_missing(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.rules.kernels.empty()) return;
  std::vector<std::string_view> names;
  if (input.facts.bundle) {
    for (const KernelFact& kernel : input.facts.bundle->kernels) names.push_back(kernel.name);
  } else {
    for (const ExportFact& entry : input.facts.exports) names.push_back(entry.name);
  }
  const std::vector<bool> is_there = find_present(input);
  size_t count = 0;
  for (size_t i = 0; i < is_there.size(); ++i) {
    const ExpectedKernel& expected = input.rules.kernels[i];
    if (expected.may_be_missing || is_there[i] || ++count > kFindingsShown) continue;
    Diagnostic finding =
        make_finding(kMissingKernel, input.facts,
                     (expected.is_pattern ? "no kernel matches " : "no kernel ") +
                         cite_name(expected.name) + " of library " + cite_name(expected.library));
    if (const std::string suggestion = suggest_sentence(expected.name, names); !suggestion.empty())
      finding.help = suggestion;
    findings.push_back(std::move(finding));
  }
  if (count > kFindingsShown) {
    findings.push_back(make_finding(
        kMissingKernel, input.facts,
        "and " + std::to_string(count - kFindingsShown) + " more kernels are missing"));
  }
}

}  // namespace

const Check kMissingKernel = {
    .id = "missing-kernel",
    .severity = Severity::error,
    .reason = "a host that looks the kernel up does not find it",
    .fix = "pack the bundle again from this manifest",
    .page =
        "Only with `--expect MANIFEST`. Kernels are looked for in the bundle's "
        "`wasmpack.manifest` section, those that the manifest names by pattern, too.",
    .run = find_missing,
};

}  // namespace wasmpack
