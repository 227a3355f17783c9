#include "inspect/checks/check.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "inspect/checks/check_table.h"

namespace wasmpack {
namespace {

// By id.
constexpr const Check* kChecks[] = {
    &kCtorDropped,       &kCtorRerun,
    &kCtorTwice,         &kCtorUnreachable,
    &kDebugInfo,         &kDlopenNeeded,
    &kDuplicateKernel,   &kEngineLimit,
    &kExportLost,        &kFeatureConflict,
    &kFeatureNotAllowed, &kForbiddenImport,
    &kInitMissing,       &kInvalidLinking,
    &kInvalidModule,     &kMissingExport,
    &kMissingKernel,     &kNotRelocatable,
    &kNotValidated,      &kOverBudget,
    &kPathLeak,          &kSignatureMismatchStub,
    &kStaleRelocation,   &kUndeclaredExport,
    &kUnreadableSection, &kWeakContextShared,
    &kWrongBundle,       &kWrongKind,
    &kWrongType,
};

const SeverityChoice* find_choice(const Rules& rules, std::string_view id) {
  const SeverityChoice* found = nullptr;  // the last one counts
  for (const SeverityChoice& choice : rules.severities)
    if (choice.id == id) found = &choice;
  return found;
}

bool is_off(const Rules& rules, std::string_view id) {
  const SeverityChoice* choice = find_choice(rules, id);
  return choice != nullptr && !choice->severity;
}

}  // namespace

std::span<const Check* const> all_checks() { return kChecks; }

const Check* find_check(std::string_view id) {
  for (const Check* check : kChecks)
    if (check->id == id) return check;
  return nullptr;
}

std::vector<Diagnostic> check_facts(const CheckInput& input) {
  std::vector<Diagnostic> findings;
  for (const Check* check : kChecks)
    if (check->run != nullptr && !is_off(input.rules, check->id)) check->run(input, findings);
  apply_severities(input.rules, findings);
  return findings;
}

void apply_severities(const Rules& rules, std::vector<Diagnostic>& findings) {
  if (!rules.severities.empty()) {
    std::erase_if(findings,
                  [&rules](const Diagnostic& finding) { return is_off(rules, finding.id); });
    for (Diagnostic& finding : findings)
      if (const SeverityChoice* choice = find_choice(rules, finding.id))
        finding.severity = *choice->severity;
  }
  std::ranges::stable_sort(findings, [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(b.severity, a.id, a.where.offset) < std::tie(a.severity, b.id, b.where.offset);
  });
}

Diagnostic make_finding(const Check& check, const Facts& facts, std::string message) {
  Diagnostic finding = fail(check.id, {.file = facts.file, .member = facts.member},
                            std::move(message), std::string(check.fix))
                           .value();
  finding.severity = check.severity;
  return finding;
}

Diagnostic make_finding(const Check& check, const Facts& facts, std::string_view section,
                        uint64_t offset, std::string message) {
  Diagnostic finding = make_finding(check, facts, std::move(message));
  finding.where.section = section;
  finding.where.offset = offset;
  return finding;
}

}  // namespace wasmpack
