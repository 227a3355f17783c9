// Exports that the rules do not know.

#include <unordered_set>

#include "inspect/checks/check_table.h"
#include "inspect/checks/export_demands.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

void find_undeclared(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Rules& rules = input.rules;
  if (!rules.only_expected_exports) return;
  std::unordered_set<std::string_view> declared;
  for (const ExpectedExport& expected : rules.exports) declared.insert(expected.name);
  NameList kernels;
  for (const ExpectedKernel& expected : rules.kernels)
    if (!expected.is_pattern) declared.insert(expected.name);
  if (input.facts.bundle && !rules.kernels.empty()) {
    const KernelDemands demands(rules);
    for (const KernelFact& kernel : input.facts.bundle->kernels) {
      if (demands.find(kernel).empty()) kernels.add(kernel.name);
      declared.insert(kernel.name);
    }
  }
  NameList exports;
  for (const ExportFact& entry : input.facts.exports)
    if (!declared.contains(entry.name)) exports.add(entry.name);
  const auto add = [&](const NameList& names, std::string_view noun) {
    if (names.empty()) return;
    Diagnostic finding =
        make_finding(kUndeclaredExport, input.facts,
                     count_of(names.count(), noun) + " not declared: " + names.text());
    if (!rules.origin.empty()) finding.notes.push_back("declared are those of " + rules.origin);
    findings.push_back(std::move(finding));
  };
  add(exports, "export");
  add(kernels, "kernel");
}

}  // namespace

const Check kUndeclaredExport = {
    .id = "undeclared-export",
    .severity = Severity::error,
    .reason = "what is exported by accident is called one day, and keeps code alive until then",
    .fix =
        "declare the export, or link without it (--export-all and --export-dynamic of wasm-ld "
        "export much)",
    .page =
        "Only with `only-declared-exports = true` in the rules, or `--expect`, where the declared "
        "exports are the bundle's contract and the kernels of the manifest.",
    .run = find_undeclared,
};

}  // namespace wasmpack
