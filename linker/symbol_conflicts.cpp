#include "linker/symbol_conflicts.h"

#include <algorithm>
#include <string>

namespace wasmpack {

std::string ConflictReporter::describe_type(SymbolKind kind, uint32_t type) const {
  if (kind == SymbolKind::function || kind == SymbolKind::tag)
    return format_type(types_.types[type]);
  const auto value_type = static_cast<uint8_t>(type);
  return (type & kMutableType ? "mut " : "") + format_value_types(Bytes(&value_type, 1));
}

void ConflictReporter::report(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions) {
  if (report_kind_mismatch(mentions)) return;
  report_duplicates(global, mentions);
  if (global.kind == SymbolKind::function)
    report_signatures(global, mentions);
  else
    report_types(global, mentions);
  if (!global.is_defined) report_imports(global, mentions);
}

bool ConflictReporter::report_kind_mismatch(const std::vector<SymbolRef>& mentions) {
  const Symbol& first = reader_.symbol_at(mentions.front());
  const bool same = std::all_of(mentions.begin(), mentions.end(), [&](SymbolRef ref) {
    return reader_.symbol_at(ref).kind == first.kind;
  });
  if (same) return false;
  Diagnostic diagnostic =
      problem("symbol-kind-mismatch", mentions.front(),
              "`" + std::string(first.name) + "` is not the same kind of symbol in all inputs");
  for (const SymbolRef ref : mentions)
    diagnostic.notes.push_back(
        place(ref) + (reader_.symbol_at(ref).is_defined() ? ": defined as a " : ": used as a ") +
        std::string(symbol_kind_name(reader_.symbol_at(ref).kind)));
  diagnostic.help = "rename one of them (--redefine-sym) or seal the input that defines it";
  sink_.report(std::move(diagnostic));
  return true;
}

void ConflictReporter::report_duplicates(const GlobalSymbol& global,
                                         const std::vector<SymbolRef>& mentions) {
  std::vector<SymbolRef> strong;
  for (const SymbolRef ref : mentions) {
    const Mention mention = reader_.describe(ref);
    if (mention.is_definition && !mention.is_weak) strong.push_back(ref);
  }
  if (strong.size() < 2 || allow_multiple_definition_) return;
  Diagnostic diagnostic = problem("duplicate-symbol", strong.front(),
                                  "duplicate symbol `" + std::string(global.name) + "`");
  for (const SymbolRef ref : strong) diagnostic.notes.push_back("defined in " + place(ref));
  // wasm-ld's -r output of two reactors is unusable for the same reason; name the cause (D11).
  if (global.name == "_initialize" || global.name == "_start")
    diagnostic.help =
        "each of these inputs brings its own crt1; link libraries without crt1-*.o and let "
        "--init-guard make one `_initialize`";
  else
    diagnostic.help =
        "seal the libraries one by one (wasmpack link --keep-global-symbol=...), rename with "
        "--prefix-symbols or --redefine-sym, or take the first with --allow-multiple-definition";
  sink_.report(std::move(diagnostic));
}

void ConflictReporter::report_signatures(const GlobalSymbol& global,
                                         const std::vector<SymbolRef>& mentions) {
  std::vector<SymbolRef> wrong;
  for (const SymbolRef ref : mentions) {
    const Mention mention = reader_.describe(ref);
    if (mention.type != global.type && mention.is_called) wrong.push_back(ref);
  }
  if (wrong.empty()) return;
  Diagnostic diagnostic =
      problem("signature-mismatch", wrong.front(),
              "`" + std::string(global.name) + "` is called with another signature than it has");
  const auto type_at = [&](uint32_t type) { return format_type(types_.types[type]); };
  const auto has_type = [&](SymbolRef ref) { return reader_.describe(ref).type == global.type; };
  const SymbolRef model =
      global.is_defined ? global.owner : *std::ranges::find_if(mentions, has_type);
  diagnostic.notes.push_back(std::string(global.is_defined ? "defined in " : "called in ") +
                             place(model) + " as " + type_at(global.type));
  for (const SymbolRef ref : wrong)
    diagnostic.notes.push_back("called in " + place(ref) + " as " +
                               type_at(reader_.describe(ref).type));
  diagnostic.help =
      "declare the function with its real prototype in every source file, or, if two functions "
      "share the name, rename one with --redefine-sym or seal its library";
  sink_.report(std::move(diagnostic));
}

void ConflictReporter::report_types(const GlobalSymbol& global,
                                    const std::vector<SymbolRef>& mentions) {
  for (const SymbolRef ref : mentions) {
    const uint32_t type = reader_.type_of(ref);
    if (type == global.type) continue;
    Diagnostic diagnostic =
        problem("type-mismatch", ref,
                std::string(symbol_kind_name(global.kind)) + " `" + std::string(global.name) +
                    "` has type " + describe_type(global.kind, type) + " here and " +
                    describe_type(global.kind, global.type) + " in " + place(global.owner));
    diagnostic.help = "declare it the same way everywhere, or rename one with --redefine-sym";
    sink_.report(std::move(diagnostic));
    return;
  }
}

void ConflictReporter::report_imports(const GlobalSymbol& global,
                                      const std::vector<SymbolRef>& mentions) {
  // Only an explicit import name says which field is meant (lld, setImportAttributes).
  const auto is_explicit = [&](SymbolRef ref) {
    return reader_.import_of(ref) != nullptr && reader_.symbol_at(ref).has_explicit_name();
  };
  const auto found = std::ranges::find_if(mentions, is_explicit);
  const SymbolRef model = found != mentions.end() ? *found : global.owner;
  const Import* first = reader_.import_of(model);
  if (first == nullptr) return;
  for (const SymbolRef ref : mentions) {
    const Import* other = reader_.import_of(ref);
    if (other == nullptr) continue;
    const bool is_same_field = other->field == first->field ||
                               !reader_.symbol_at(ref).has_explicit_name() ||
                               !reader_.symbol_at(model).has_explicit_name();
    if (other->module == first->module && is_same_field) continue;
    Diagnostic diagnostic =
        problem("import-mismatch", ref,
                "undefined symbol `" + std::string(global.name) + "` is imported from two places");
    const auto describe_import = [&](SymbolRef at, const Import& import) {
      return place(at) + " imports " + std::string(import.module) + "." + std::string(import.field);
    };
    diagnostic.notes = {describe_import(model, *first), describe_import(ref, *other)};
    diagnostic.help =
        "give both declarations the same import_module and import_name, or rename one with "
        "--redefine-sym in its own link";
    sink_.report(std::move(diagnostic));
    return;
  }
}

std::string ConflictReporter::place(SymbolRef ref) const { return inputs_[ref.input].name(); }
Diagnostic ConflictReporter::problem(std::string_view id, SymbolRef ref,
                                     std::string message) const {
  return fail(id, inputs_[ref.input].locate(), std::move(message)).value();
}

}  // namespace wasmpack
