#include "inspect/checks/check.h"

#include <algorithm>
#include <tuple>

#include "inspect/checks/check_table.h"

namespace wasmpack {
namespace {

constexpr const Check* kChecks[] = {
    &kCtorDropped,
    &kCtorRerun,
};

}  // namespace

std::span<const Check* const> all_checks() { return kChecks; }

std::vector<Diagnostic> check_facts(const CheckInput& input) {
  std::vector<Diagnostic> findings;
  for (const Check* check : kChecks) check->run(input, findings);
  std::stable_sort(findings.begin(), findings.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(b.severity, a.id, a.where.offset) < std::tie(a.severity, b.id, b.where.offset);
  });
  return findings;
}

Diagnostic make_finding(const Check& check, const Facts& facts, std::string message) {
  Diagnostic finding = fail(check.id, {.file = facts.file, .member = facts.member},
                            std::move(message), std::string(check.fix))
                           .value();
  finding.severity = check.severity;
  return finding;
}

}  // namespace wasmpack
