// target_features that contradict each other or the code.

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/checks/used_features.h"

namespace wasmpack {
namespace {

// Of function bodies; read at every inspection, so it must cost little.
constexpr uint64_t kCodeRead = uint64_t{1} << 20;

bool has_feature(const Facts& facts, std::string_view name) {
  return std::ranges::any_of(facts.features, [name](const TargetFeature& feature) {
    return feature.prefix != '-' && feature.name == name;
  });
}

void find_contradictions(const CheckInput& input, std::vector<Diagnostic>& findings) {
  std::unordered_map<std::string_view, std::pair<bool, bool>> seen;  // used, disallowed
  NameList names;
  for (const TargetFeature& feature : input.facts.features) {
    auto& [is_used, is_disallowed] = seen[feature.name];
    const bool was_both = is_used && is_disallowed;
    (feature.prefix == '-' ? is_disallowed : is_used) = true;
    if (is_used && is_disallowed && !was_both) names.add(feature.name);
  }
  if (names.empty()) return;
  Diagnostic finding =
      make_finding(kFeatureConflict, input.facts,
                   "target_features says both that " + names.text() + " is used and disallowed");
  finding.where.section = "target_features";
  findings.push_back(std::move(finding));
}

// In finished modules: wasm-ld asks for both before it makes a memory shared.
void find_shared_memory(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.facts.kind == WasmKind::object) return;
  const Object& object = *input.object;
  bool is_shared = std::ranges::any_of(object.memories, &Limits::is_shared);
  for (const Import& import : object.imports)
    is_shared = is_shared || (import.kind == ExternKind::memory && import.memory.is_shared);
  if (!is_shared) return;
  NameList missing;
  for (const std::string_view name : {"atomics", "bulk-memory"})
    if (!has_feature(input.facts, name)) missing.add(name);
  if (missing.empty()) return;
  findings.push_back(
      make_finding(kFeatureConflict, input.facts,
                   "the memory is shared, but target_features lacks " + missing.text()));
}

void find_unlisted(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const UsedFeatures used = find_used_features(*input.object, kCodeRead);
  for (const UsedFeature& use : used.features) {
    if (has_feature(input.facts, use.name) || has_feature(input.facts, use.alternative)) continue;
    Diagnostic finding = make_finding(kFeatureConflict, input.facts,
                                      std::string(use.what) + " needs `" + std::string(use.name) +
                                          "`, which target_features lacks");
    finding.where.offset = use.offset;
    finding.severity = Severity::warning;
    findings.push_back(std::move(finding));
  }
}

void find_conflicts(const CheckInput& input, std::vector<Diagnostic>& findings) {
  // Without the section nothing is claimed.
  if (input.object == nullptr || input.facts.features.empty()) return;
  find_contradictions(input, findings);
  find_shared_memory(input, findings);
  find_unlisted(input, findings);
}

}  // namespace

const Check kFeatureConflict = {
    .id = "feature-conflict",
    .severity = Severity::error,
    .reason = "linkers and hosts decide by target_features, and would decide wrongly",
    .fix = "compile everything with the same features (`-m...`, `-C target-feature=...`)",
    .page =
        "An error where one file both uses (`+`) and disallows (`-`) a feature, or has a shared "
        "memory without `atomics` and `bulk-memory`. A warning where the code has instructions of "
        "a feature that is not listed; the first MiB of function bodies is read for that. Files "
        "without the section claim nothing and get no finding.",
    .run = find_conflicts,
};

}  // namespace wasmpack
