#include "inspect/compare/symbol_types.h"

#include <optional>

namespace wasmpack {

SymbolTypes::SymbolTypes(const Facts& facts) {
  for (const ImportFact& import : facts.imports)
    spaces_[static_cast<size_t>(import.kind)].push_back({import.type, &import});
  std::vector<Entry>& functions = spaces_[static_cast<size_t>(ExternKind::function)];
  for (const FunctionFact& function : facts.functions) functions.push_back({function.type});
  for (const SpaceFact& entry : facts.spaces) {
    std::vector<Entry>& space = spaces_[static_cast<size_t>(entry.kind)];
    if (!entry.is_imported && entry.index == space.size()) space.push_back({entry.type});
  }
}

const SymbolTypes::Entry* SymbolTypes::find(const SymbolFact& symbol) const {
  const std::optional<ExternKind> kind = extern_kind_of(symbol.kind);
  if (!kind || !symbol.index) return nullptr;
  const std::vector<Entry>& space = spaces_[static_cast<size_t>(*kind)];
  return *symbol.index < space.size() ? &space[*symbol.index] : nullptr;
}

std::string_view SymbolTypes::type_of(const SymbolFact& symbol) const {
  const Entry* entry = find(symbol);
  return entry == nullptr ? std::string_view() : entry->type;
}

const ImportFact* SymbolTypes::import_of(const SymbolFact& symbol) const {
  const Entry* entry = find(symbol);
  return entry == nullptr ? nullptr : entry->import;
}

}  // namespace wasmpack
