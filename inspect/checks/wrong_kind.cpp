// The file is not of the kind that was asked for. What a linker would say of a file that is no
// object is `not-relocatable`, a shared module in place of one module is `dlopen-needed`.

#include "inspect/checks/check_table.h"

namespace wasmpack {
namespace {

std::string_view article(WasmKind kind) { return kind == WasmKind::object ? "an " : "a "; }

void find_wrong_kind(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (!input.rules.kind) return;
  const WasmKind wanted = *input.rules.kind;
  const WasmKind kind = input.facts.kind;
  const bool is_fine = kind == wanted || (kind == WasmKind::bundle && wanted == WasmKind::module);
  if (is_fine || wanted == WasmKind::object) return;
  if (kind == WasmKind::shared && wanted != WasmKind::component) return;
  findings.push_back(make_finding(
      kWrongKind, input.facts,
      "this is " + std::string(article(kind)) + std::string(wasm_kind_name(kind)) + ", not " +
          std::string(article(wanted)) + std::string(wasm_kind_name(wanted))));
}

}  // namespace

const Check kWrongKind = {
    .id = "wrong-kind",
    .severity = Severity::error,
    .reason = "the file is not what it is going to be used as",
    .fix = "`wasm-ld` makes modules of objects, `wasmpack pack` makes bundles of libraries",
    .page =
        "Only with `kind = \"...\"` in the rules, `--expect-kind` or `--expect`. A bundle counts "
        "as a module, too.",
    .run = find_wrong_kind,
};

}  // namespace wasmpack
