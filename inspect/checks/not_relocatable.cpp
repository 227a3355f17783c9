// A finished module where an object is needed: what rust-lld calls "not a relocatable wasm file".

#include <utility>

#include "inspect/checks/check_table.h"
#include "object/file_kind.h"

namespace wasmpack {
namespace {

FileKind file_kind_of(WasmKind kind) {
  switch (kind) {
    case WasmKind::object:
      return FileKind::object;
    case WasmKind::shared:
      return FileKind::shared;
    case WasmKind::component:
      return FileKind::component;
    case WasmKind::module:
    case WasmKind::bundle:
      break;
  }
  return FileKind::module;
}

void find_finished(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.rules.kind != WasmKind::object || input.facts.kind == WasmKind::object) return;
  Diagnostic wrong = describe_wrong_input(file_kind_of(input.facts.kind), {}, {});
  Diagnostic finding = make_finding(kNotRelocatable, input.facts, std::move(wrong.message));
  finding.help = std::move(wrong.help);
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kNotRelocatable = {
    .id = "not-relocatable",
    .severity = Severity::error,
    .reason = "linkers and rustc refuse it: a finished module has lost its symbols and relocations",
    .fix = "pass the objects or the archive that the module was made from",
    .page =
        "Only with `kind = \"object\"` in the rules or `--expect-kind object`: for a host, a "
        "finished module is just what it should be. Objects come from `clang -c`, `wasmpack link` "
        "and `wasm-ld -r`.",
    .run = find_finished,
};

}  // namespace wasmpack
