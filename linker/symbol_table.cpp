#include "linker/symbol_table.h"

#include "linker/mentions.h"

namespace wasmpack {

ImportName import_name_of(const std::vector<Input>& inputs, const GlobalSymbol& global) {
  const Object& object = inputs[global.owner.input].object;
  const Symbol& symbol = object.symbols[global.owner.symbol];
  const Import* import = find_import(object, symbol);
  if (import == nullptr) return {"env", symbol.name};
  return {import->module, import->field};
}

SymbolTable::SymbolTable(const std::vector<Input>& inputs) {
  ids_.reserve(inputs.size());
  for (const Input& input : inputs) ids_.emplace_back(input.object.symbols.size(), kLocalSymbol);
}

void SymbolTable::rebind(const std::unordered_map<SymbolId, SymbolId>& replaced) {
  for (std::vector<SymbolId>& ids : ids_) {
    for (SymbolId& id : ids) {
      const auto at = replaced.find(id);
      if (at != replaced.end()) id = at->second;
    }
  }
}

size_t SymbolTable::size() const {
  size_t count = 0;
  for (const auto& shard : shards_) count += shard.size();
  return count;
}

}  // namespace wasmpack
