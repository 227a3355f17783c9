#include "linker/mentions.h"

#include "object/verify.h"

namespace wasmpack {
namespace {

const GlobalType& global_type(const Object& object, uint32_t index) {
  const Import* import = object.find_import(ExternKind::global, index);
  return import != nullptr ? import->global
                           : object.globals[index - object.imported_count(ExternKind::global)].type;
}

const TableType& table_type(const Object& object, uint32_t index) {
  const Import* import = object.find_import(ExternKind::table, index);
  return import != nullptr ? import->table
                           : object.tables[index - object.imported_count(ExternKind::table)].type;
}

uint32_t tag_type(const Object& object, uint32_t index) {
  const Import* import = object.find_import(ExternKind::tag, index);
  return import != nullptr ? import->type_index
                           : object.tags[index - object.imported_count(ExternKind::tag)];
}

}  // namespace

const Import* find_import(const Object& object, const Symbol& symbol) {
  if (symbol.is_defined()) return nullptr;
  const std::optional<ExternKind> kind = extern_kind_of(symbol.kind);
  return kind ? object.find_import(*kind, symbol.index) : nullptr;
}

Mention MentionReader::describe(SymbolRef ref) const {
  const Input& input = inputs_[ref.input];
  const Symbol& symbol = symbol_at(ref);
  const Chunk* chunk = chunks_[ref.input].find(input.object, symbol);
  Mention mention;
  mention.ref = ref;
  mention.is_definition = symbol.is_defined() && (chunk == nullptr || chunk->is_kept());
  mention.is_weak = symbol.is_weak();
  mention.is_called = input.uses[ref.symbol] & kUsedByDirectCall;
  mention.type = type_of(ref);
  return mention;
}

// Types of globals and tables are one byte here (linkable.cpp refuses others).
uint32_t MentionReader::type_of(SymbolRef ref) const {
  const Object& object = inputs_[ref.input].object;
  const Symbol& symbol = symbol_at(ref);
  switch (symbol.kind) {
    case SymbolKind::function:
      return types_.numbers[ref.input][object.function_type(symbol.index)];
    case SymbolKind::tag:
      return types_.numbers[ref.input][tag_type(object, symbol.index)];
    case SymbolKind::global: {
      const GlobalType& type = global_type(object, symbol.index);
      return type.value_type[0] | (type.is_mutable ? kMutableType : 0);
    }
    case SymbolKind::table:
      return table_type(object, symbol.index).element_type[0];
    case SymbolKind::data:
    case SymbolKind::section:
      break;
  }
  return 0;
}

}  // namespace wasmpack
