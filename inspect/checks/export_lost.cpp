// Exports that somebody wrote down and that are not, or will not be, there.

#include <map>
#include <unordered_set>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

// Entries of an object's EXPORT section whose function has no symbol flagged EXPORTED: linkers go
// by the flag.
void find_unflagged(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Object& object = *input.object;
  if (object.exports.empty()) return;
  std::unordered_set<uint32_t> flagged;
  for (const Symbol& symbol : object.symbols)
    if (symbol.kind == SymbolKind::function && symbol.is_exported()) flagged.insert(symbol.index);
  NameList names;
  for (const Export& entry : object.exports)
    if (entry.kind == ExternKind::function && !flagged.contains(entry.index)) names.add(entry.name);
  if (names.empty()) return;
  Diagnostic finding = make_finding(
      kExportLost, input.facts,
      "a final link will not export " + names.text() + ": no symbol of the function is flagged");
  finding.severity = Severity::warning;
  finding.where.section = "EXPORT";
  findings.push_back(std::move(finding));
}

// Flagged functions without an entry: they are exported by their symbol's name, which is what
// `wasm-ld -r` leaves of every export_name. Emscripten's own way to export has no entry either; its
// symbols are also kept (NO_STRIP).
void find_unnamed(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Object& object = *input.object;
  std::unordered_set<uint32_t> named;
  for (const Export& entry : object.exports)
    if (entry.kind == ExternKind::function) named.insert(entry.index);
  NameList names;
  for (const Symbol& symbol : object.symbols) {
    if (symbol.kind == SymbolKind::function && symbol.is_exported() && symbol.is_defined() &&
        !symbol.is_no_strip() && !named.contains(symbol.index))
      names.add(symbol.name);
  }
  if (names.empty()) return;
  Diagnostic finding =
      make_finding(kExportLost, input.facts,
                   names.text() + (names.count() == 1 ? " is" : " are") +
                       " exported by symbol name: if the source has an export_name, it was lost");
  finding.severity = Severity::note;
  finding.help =
      "`wasm-ld -r` loses export names; `wasmpack link` keeps them, --export=NAME makes them";
  findings.push_back(std::move(finding));
}

// A bundle exports all kernels of a library or none, as its manifest said.
void find_missing_kernels(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (!input.facts.bundle || !input.rules.kernels.empty()) return;
  std::unordered_set<std::string_view> exports;
  for (const ExportFact& entry : input.facts.exports) exports.insert(entry.name);
  struct Library {
    bool has_export = false;
    NameList missing;
  };
  std::map<std::string_view, Library> libraries;
  for (const KernelFact& kernel : input.facts.bundle->kernels) {
    Library& library = libraries[kernel.library];
    if (exports.contains(kernel.name))
      library.has_export = true;
    else
      library.missing.add(kernel.name);
  }
  for (const auto& [name, library] : libraries) {
    if (!library.has_export || library.missing.empty()) continue;
    Diagnostic finding = make_finding(
        kExportLost, input.facts,
        "library " + cite_name(name) + " exports its kernels, but not " + library.missing.text());
    finding.help =
        "a tool that changed the bundle dropped the exports: pack it again, and strip "
        "and optimize with the manifest's options";
    findings.push_back(std::move(finding));
  }
}

void find_lost(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.facts.kind == WasmKind::object) {
    find_unflagged(input, findings);
    find_unnamed(input, findings);
  }
  find_missing_kernels(input, findings);
}

}  // namespace

const Check kExportLost = {
    .id = "export-lost",
    .severity = Severity::error,
    .reason = "a function that was meant to be exported is not, or under another name",
    .fix =
        "make the object with its compiler or `wasmpack link`, or name the exports to the final "
        "link with --export",
    .page =
        "An error for a bundle that exports some kernels of a library and not the others. A "
        "warning for an object whose EXPORT section names a function without a symbol flagged "
        "EXPORTED. A note for flagged functions without an entry: `wasm-ld -r` drops the entries, "
        "and `export_name(\"...\")` with them.",
    .run = find_lost,
};

}  // namespace wasmpack
