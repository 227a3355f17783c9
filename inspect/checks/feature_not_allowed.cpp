// Features that the rules forbid or do not allow.

#include <algorithm>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/checks/used_features.h"

namespace wasmpack {
namespace {

// Somebody asked, so much more is read than for feature-conflict.
constexpr uint64_t kCodeRead = uint64_t{256} << 20;

bool is_allowed(const Rules& rules, std::string_view name) {
  if (std::ranges::find(rules.forbidden_features, name) != rules.forbidden_features.end())
    return false;
  return !rules.allowed_features ||
         std::ranges::find(*rules.allowed_features, name) != rules.allowed_features->end();
}

void find_forbidden(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Rules& rules = input.rules;
  if (input.object == nullptr || (rules.forbidden_features.empty() && !rules.allowed_features))
    return;
  NameList listed;
  for (const TargetFeature& feature : input.facts.features)
    if (feature.prefix != '-' && !is_allowed(rules, feature.name)) listed.add(feature.name);
  if (!listed.empty()) {
    Diagnostic finding =
        make_finding(kFeatureNotAllowed, input.facts,
                     "target_features lists " + listed.text() + ", not allowed by " +
                         (rules.origin.empty() ? "the rules" : rules.origin));
    finding.where.section = "target_features";
    findings.push_back(std::move(finding));
  }
  const UsedFeatures used = find_used_features(*input.object, kCodeRead);
  for (const UsedFeature& use : used.features) {
    const bool is_listed =
        std::ranges::any_of(input.facts.features, [&use](const TargetFeature& feature) {
          return feature.prefix != '-' && feature.name == use.name;
        });
    if (is_listed || is_allowed(rules, use.name)) continue;
    if (!use.alternative.empty() && is_allowed(rules, use.alternative)) continue;
    Diagnostic finding = make_finding(
        kFeatureNotAllowed, input.facts,
        std::string(use.what) + " needs `" + std::string(use.name) + "`, which is not allowed");
    finding.where.offset = use.offset;
    findings.push_back(std::move(finding));
  }
  if (!used.is_complete) {
    Diagnostic finding = make_finding(
        kFeatureNotAllowed, input.facts,
        "not all code could be read: whether the rest uses such features is not known");
    finding.severity = Severity::note;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const Check kFeatureNotAllowed = {
    .id = "feature-not-allowed",
    .severity = Severity::error,
    .reason = "an engine without the feature refuses the whole module",
    .fix = "compile without the feature (`-mno-...`, `-C target-feature=-...`), libraries too",
    .page =
        "Only with `[features]` in the rules or the manifest of `--expect`. Both count: what "
        "`target_features` lists, and what types, segments and the code of functions use.",
    .run = find_forbidden,
};

}  // namespace wasmpack
