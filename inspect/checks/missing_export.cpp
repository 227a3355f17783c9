// Exports that the rules ask for and the file does not have.

#include "inspect/checks/check_table.h"
#include "inspect/checks/export_demands.h"
#include "inspect/checks/finding_text.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

void add_missing(const CheckInput& input, std::string_view name, std::string_view type,
                 std::vector<Diagnostic>& findings) {
  std::vector<std::string_view> names;
  for (const ExportFact& entry : input.facts.exports) names.push_back(entry.name);
  Diagnostic finding =
      make_finding(kMissingExport, input.facts,
                   "no export " + cite_name(name) +
                       (type.empty() ? std::string() : " of type " + cut_text(type)));
  if (!input.rules.origin.empty()) finding.notes.push_back("asked for by " + input.rules.origin);
  if (const std::string suggestion = suggest_sentence(name, names); !suggestion.empty())
    finding.help = suggestion;
  findings.push_back(std::move(finding));
}

void find_missing(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Rules& rules = input.rules;
  if (rules.exports.empty() && rules.kernels.empty()) return;
  const ExportsByName exports = index_exports(input.facts);
  size_t count = 0;
  const auto require = [&](std::string_view name, std::string_view type) {
    if (exports.contains(name)) return;
    if (++count <= kFindingsShown) add_missing(input, name, type, findings);
  };
  for (const ExpectedExport& expected : rules.exports) require(expected.name, expected.type);
  // Kernels that the bundle itself names; those that it does not are missing-kernel.
  if (input.facts.bundle && !rules.kernels.empty()) {
    const KernelDemands demands(rules);
    for (const KernelFact& kernel : input.facts.bundle->kernels) {
      const std::vector<size_t> found = demands.find(kernel);
      if (!found.empty() && rules.kernels[found.front()].is_exported)
        require(kernel.name, kernel.type);
    }
  }
  if (count > kFindingsShown) {
    findings.push_back(make_finding(
        kMissingExport, input.facts,
        "and " + std::to_string(count - kFindingsShown) + " more exports are missing"));
  }
}

}  // namespace

const Check kMissingExport = {
    .id = "missing-export",
    .severity = Severity::error,
    .reason = "a host that calls the export fails when it starts",
    .fix = "export it: `__attribute__((export_name(\"...\")))` in C, `--export=NAME` of wasm-ld",
    .page =
        "Only with `[exports]` in the rules or `--expect`. Of an object the exports are what a "
        "final link will export.",
    .run = find_missing,
};

}  // namespace wasmpack
