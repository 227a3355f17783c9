// Exports and kernels of another type than the rules say.

#include "inspect/checks/check_table.h"
#include "inspect/checks/demand_text.h"
#include "inspect/checks/export_demands.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

void find_wrong_types(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Rules& rules = input.rules;
  if (rules.exports.empty() && !input.facts.bundle) return;
  const ExportsByName exports = index_exports(input.facts);
  size_t count = 0;
  const auto compare = [&](std::string_view what, std::string_view name, std::string_view demand,
                           ExternKind kind, std::string_view type) {
    if (meets_demand(demand, kind, type) || ++count > kFindingsShown) return;
    findings.push_back(make_finding(kWrongType, input.facts,
                                    std::string(what) + " " + cite_name(name) + " is a " +
                                        std::string(extern_kind_name(kind)) + " of type " +
                                        cut_text(type) + ", not " + cut_text(demand)));
  };
  for (const ExpectedExport& expected : rules.exports) {
    const auto found = exports.find(expected.name);
    if (found != exports.end())
      compare("export", expected.name, expected.type, found->second->kind, found->second->type);
  }
  if (input.facts.bundle) {
    const KernelDemands demands(rules);
    for (const KernelFact& kernel : input.facts.bundle->kernels) {
      const std::vector<size_t> wanted = demands.find(kernel);
      if (!wanted.empty())
        compare("kernel", kernel.name, rules.kernels[wanted.front()].type, ExternKind::function,
                kernel.type);
      // What the bundle says of a kernel and what it exports are one thing.
      const auto found = exports.find(kernel.name);
      if (found != exports.end())
        compare("export", kernel.name, kernel.type, found->second->kind, found->second->type);
    }
  }
  if (count > kFindingsShown) {
    findings.push_back(
        make_finding(kWrongType, input.facts,
                     "and " + std::to_string(count - kFindingsShown) + " more have another type"));
  }
}

}  // namespace

const Check kWrongType = {
    .id = "wrong-type",
    .severity = Severity::error,
    .reason =
        "callers pass other arguments than the function takes, or the host refuses the module",
    .fix = "change the function or the demand, and whoever calls it",
    .page =
        "With `[exports]` in the rules or `--expect`; and in bundles, where an export has another "
        "type than the bundle's own manifest section says. Types are written `(i32,f32)->i32`, "
        "`(i32)->()`, `mut i32`, `1..16` (limits of a memory in pages), `funcref 1..`.",
    .run = find_wrong_types,
};

}  // namespace wasmpack
