// Debug information in a finished module.

#include <algorithm>

#include "inspect/checks/check_table.h"

namespace wasmpack {
namespace {

void find_debug_info(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Facts& facts = input.facts;
  if (facts.kind == WasmKind::object) return;
  uint64_t debug = 0, names = 0;
  const SectionFact* first = nullptr;
  for (const SectionFact& section : facts.sections) {
    if (section.id != 0) continue;
    if (section.name == "name") names += section.size;
    if (!section.name.starts_with(".debug_")) continue;
    debug += section.size;
    if (first == nullptr) first = &section;
  }
  if (first == nullptr) return;
  std::string message = std::to_string(debug) + " bytes of debug information";
  if (names != 0) message += " and " + std::to_string(names) + " bytes of names";
  message += ", " + std::to_string(100 * (debug + names) / std::max<uint64_t>(facts.size, 1)) +
             " % of the file";
  findings.push_back(
      make_finding(kDebugInfo, facts, first->name, first->offset, std::move(message)));
}

}  // namespace

const Check kDebugInfo = {
    .id = "debug-info",
    .severity = Severity::note,
    .reason = "hosts load it and do not need it",
    .fix =
        "link with `--strip-debug` (`strip = \"debug\"` in a manifest), or keep a copy and ship "
        "the stripped one",
    .page =
        "Finished modules with `.debug_*` sections. Names alone (the `name` section) are no "
        "finding: backtraces and `wasmpack inspect` need them.",
    .run = find_debug_info,
};

}  // namespace wasmpack
