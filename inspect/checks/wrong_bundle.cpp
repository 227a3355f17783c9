// The bundle was made from another manifest than the one it is compared with.

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

void find_other_package(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (!input.facts.bundle || !input.facts.bundle->problem.empty()) return;
  const auto compare = [&](std::string_view what, std::string_view is, std::string_view wanted) {
    if (wanted.empty() || is == wanted) return;
    findings.push_back(make_finding(kWrongBundle, input.facts,
                                    "the bundle's " + std::string(what) + " is " + cite_name(is) +
                                        ", the manifest's " + cite_name(wanted)));
  };
  compare("name", input.facts.bundle->name, input.rules.bundle_name);
  compare("version", input.facts.bundle->version, input.rules.bundle_version);
}

}  // namespace

const Check kWrongBundle = {
    .id = "wrong-bundle",
    .severity = Severity::error,
    .reason = "the bundle was not made from this manifest",
    .fix = "pack it again, or compare it with the manifest that it was made from",
    .page = "Only with `--expect MANIFEST`: name and version of `[package]` are compared.",
    .run = find_other_package,
};

}  // namespace wasmpack
