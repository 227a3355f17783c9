// Imports that the rules forbid or do not allow.

#include <string>

#include "inspect/checks/check_table.h"
#include "inspect/checks/demand_text.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

void find_forbidden(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Rules& rules = input.rules;
  // What an object imports is not what the program will import: the final link resolves most of it.
  const bool has_allowed = rules.allowed_imports && input.facts.kind != WasmKind::object;
  if (rules.forbidden_imports.empty() && !has_allowed) return;
  const PatternList forbidden = make_patterns(rules.forbidden_imports);
  const PatternList allowed = has_allowed ? make_patterns(*rules.allowed_imports) : PatternList();
  std::vector<std::string> bad;  // as many as are shown
  size_t count = 0;
  std::string name;
  for (const ImportFact& import : input.facts.imports) {
    name.assign(import.module).append(".").append(import.name);
    if (!forbidden.matches(name) && (!has_allowed || allowed.matches(name))) continue;
    if (++count <= kNamesShown) bad.push_back(cut_text(name));
  }
  if (count == 0) return;
  std::string list;
  for (const std::string& text : bad) list += (list.empty() ? "`" : ", `") + text + "`";
  if (count > bad.size()) list += " and " + std::to_string(count - bad.size()) + " more";
  Diagnostic finding = make_finding(kForbiddenImport, input.facts,
                                    count_of(count, "import") + " not allowed: " + list);
  if (!rules.origin.empty()) finding.notes.push_back("allowed is what " + rules.origin + " says");
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kForbiddenImport = {
    .id = "forbidden-import",
    .severity = Severity::error,
    .reason = "the host does not have the import, or the module must not have its power",
    .fix = "link what defines it, or allow it; `wasmpack inspect --why` tells what needs it",
    .page =
        "Only with `[imports]` in the rules or `--expect`. Patterns are matched against "
        "`module.name`, such as `wasi_snapshot_preview1.*`. `allow` is not applied to objects: "
        "most of what they import the final link resolves.",
    .run = find_forbidden,
};

}  // namespace wasmpack
