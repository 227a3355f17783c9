// The module needs a dynamic loader.

#include <algorithm>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

// As C calls them, and as Emscripten's library imports them from JavaScript.
constexpr std::string_view kLoaderNames[] = {
    "dlopen",           "dlsym", "__dlsym", "_dlopen_js", "_dlsym_js", "_emscripten_dlopen_js",
    "emscripten_dlopen"};

void find_loader(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Facts& facts = input.facts;
  const bool wants_one_module =
      input.rules.kind == WasmKind::module || input.rules.kind == WasmKind::bundle;
  if (facts.kind == WasmKind::shared) {
    if (!wants_one_module) return;  // it is one, and says so
    Diagnostic finding =
        make_finding(kDlopenNeeded, facts,
                     "this is a shared module (`dylink.0`): only a dynamic loader can use it");
    if (facts.dylink && !facts.dylink->needed.empty()) {
      NameList needed;
      for (const std::string_view name : facts.dylink->needed) needed.add(name);
      finding.notes.push_back("it needs " + needed.text());
    }
    findings.push_back(std::move(finding));
    return;
  }
  NameList names;
  for (const ImportFact& import : facts.imports) {
    if (import.kind == ExternKind::function &&
        std::ranges::find(kLoaderNames, import.name) != std::end(kLoaderNames))
      names.add(import.name);
  }
  if (names.empty()) return;
  Diagnostic finding = make_finding(kDlopenNeeded, facts, "it imports " + names.text());
  if (!wants_one_module)
    finding.severity = facts.kind == WasmKind::object ? Severity::note : Severity::warning;
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kDlopenNeeded = {
    .id = "dlopen-needed",
    .severity = Severity::error,
    .reason = "hosts without a dynamic loader (most that are no browser) cannot use it",
    .fix = "link the kernels statically: `wasmpack pack` makes one module of many libraries",
    .page =
        "An error if the rules, `--expect-kind` or `--expect` ask for one module or bundle. Else "
        "a module that imports `dlopen` or `dlsym` gets a warning, an object a note (the final "
        "link may resolve them), and a shared module, which says itself what it is, nothing.",
    .run = find_loader,
};

}  // namespace wasmpack
