// TVM's context cell, one for several libraries.
//
// Source: apache/tvm src/target/llvm/codegen_cpu.cc: the cell is a linkonce global, so that a
// linker keeps one of those with one name, and each library registers it.

#include <algorithm>
#include <unordered_map>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

// Ends of the cell's name in the versions of TVM (docs/tvm.md); a library compiled with a prefix
// has it before this, and shares nothing.
constexpr std::string_view kCellNames[] = {"__tvm_module_ctx", "__tvm_ffi_library_ctx",
                                           "__tvm_ffi__library_ctx"};

bool is_cell(std::string_view name) {
  return std::ranges::any_of(kCellNames,
                             [name](std::string_view cell) { return name.ends_with(cell); });
}

void find_shared_cells(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Facts& facts = input.facts;
  // Each library's constructor registers the cell once.
  std::unordered_map<std::string_view, size_t> registered;
  for (const ConstructorFact& constructor : facts.constructors)
    for (const RegistrationFact& entry : constructor.registers)
      if (is_cell(entry.name)) ++registered[entry.name];
  std::vector<std::string_view> shared;
  for (const auto& [name, count] : registered)
    if (count > 1) shared.push_back(name);
  std::ranges::sort(shared);
  for (const std::string_view name : shared) {
    findings.push_back(make_finding(
        kWeakContextShared, facts,
        std::to_string(registered[name]) + " libraries share the context cell " + cite_name(name)));
  }
  if (!shared.empty()) return;
  for (const SymbolFact& symbol : facts.symbols) {
    const bool is_weak_definition = (symbol.flags & kSymbolWeak) &&
                                    !(symbol.flags & kSymbolLocal) &&
                                    !(symbol.flags & kSymbolUndefined);
    if (symbol.kind != SymbolKind::data || !is_weak_definition ||
        std::ranges::find(kCellNames, symbol.name) == std::end(kCellNames))
      continue;
    Diagnostic finding = make_finding(
        kWeakContextShared, facts,
        "the context cell " + cite_name(symbol.name) +
            " is weak and has no prefix: linked with another such library, both share it");
    finding.severity = Severity::note;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const Check kWeakContextShared = {
    .id = "weak-context-shared",
    .severity = Severity::warning,
    .reason = "a TVM library finds the functions of another one through the shared cell, silently",
    .fix =
        "seal each library before they meet: `wasmpack link --keep-global-symbol=...` or "
        "`--prefix-symbols=...`, or one [[library]] each for `wasmpack pack`; or compile with a "
        "system-lib prefix",
    .page =
        "TVM puts the handle of a library into a weak variable (`__tvm_module_ctx`, "
        "`__tvm_ffi__library_ctx`). Linkers merge weak variables of one name. A warning for an "
        "object in which several libraries register one cell; a note for one that has such a cell "
        "at all, because the next link would merge it. Finished modules do not tell: inspect the "
        "objects they are made of.",
    .run = find_shared_cells,
};

}  // namespace wasmpack
