// One kernel name for several functions.

#include <unordered_map>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

constexpr uint32_t kNoFunction = UINT32_MAX;

void find_in_manifest(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (!input.facts.bundle) return;
  std::unordered_map<std::string_view, size_t> counts;
  NameList names;
  for (const KernelFact& kernel : input.facts.bundle->kernels)
    if (++counts[kernel.name] == 2) names.add(kernel.name);
  if (names.empty()) return;
  Diagnostic finding = make_finding(
      kDuplicateKernel, input.facts,
      count_of(names.count(), "kernel name") + " twice in the bundle: " + names.text());
  finding.where.section = "wasmpack.manifest";
  findings.push_back(std::move(finding));
}

void find_registered_twice(const CheckInput& input, std::vector<Diagnostic>& findings) {
  struct First {
    uint32_t function;
    bool is_reported = false;
  };
  std::unordered_map<std::string_view, First> first_of;
  NameList names;
  for (const ConstructorFact& constructor : input.facts.constructors) {
    for (const RegistrationFact& entry : constructor.registers) {
      if (entry.function.index == kNoFunction) continue;  // data
      const auto [first, is_new] = first_of.try_emplace(entry.name, First{entry.function.index});
      if (is_new || first->second.is_reported || first->second.function == entry.function.index)
        continue;
      first->second.is_reported = true;
      names.add(entry.name);
    }
  }
  if (names.empty()) return;
  Diagnostic finding = make_finding(kDuplicateKernel, input.facts,
                                    "constructors register several functions as " + names.text());
  finding.severity = Severity::warning;
  findings.push_back(std::move(finding));
}

void find_duplicates(const CheckInput& input, std::vector<Diagnostic>& findings) {
  find_in_manifest(input, findings);
  find_registered_twice(input, findings);
}

}  // namespace

const Check kDuplicateKernel = {
    .id = "duplicate-kernel",
    .severity = Severity::error,
    .reason = "a look-up by name finds one of them, and which one depends on the order of linking",
    .fix =
        "give one of the libraries a `prefix` in the manifest of `wasmpack pack`; a link cannot "
        "change a name that stands in the code",
    .page =
        "An error where the manifest section of a bundle has a name twice; a warning where "
        "constructors register one name with several functions, since the host's registry decides "
        "what comes of it.",
    .run = find_duplicates,
};

}  // namespace wasmpack
