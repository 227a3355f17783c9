#include "linker/chunks.h"

namespace wasmpack {

ChunkTable::ChunkTable(const Object& object)
    : functions(object.functions.size()),
      data(object.data.size()),
      globals(object.globals.size()),
      tags(object.tags.size()),
      tables(object.tables.size()),
      sections(object.sections.size()) {}

Chunk* ChunkTable::find(const Object& object, const Symbol& symbol) {
  if (symbol.is_undefined()) return nullptr;
  switch (symbol.kind) {
    case SymbolKind::function:
      return &functions[symbol.index - object.imported_count(ExternKind::function)];
    case SymbolKind::data:
      return symbol.is_absolute() ? nullptr : &data[symbol.index];
    case SymbolKind::global:
      return &globals[symbol.index - object.imported_count(ExternKind::global)];
    case SymbolKind::tag:
      return &tags[symbol.index - object.imported_count(ExternKind::tag)];
    case SymbolKind::table:
      return &tables[symbol.index - object.imported_count(ExternKind::table)];
    case SymbolKind::section:
      return &sections[symbol.index];
  }
  return nullptr;
}

Chunk& ChunkTable::at(const Object& object, const ComdatEntry& entry) {
  switch (entry.kind) {
    case ComdatKind::function:
      return functions[entry.index - object.imported_count(ExternKind::function)];
    case ComdatKind::global:
      return globals[entry.index - object.imported_count(ExternKind::global)];
    case ComdatKind::tag:
      return tags[entry.index - object.imported_count(ExternKind::tag)];
    case ComdatKind::table:
      return tables[entry.index - object.imported_count(ExternKind::table)];
    case ComdatKind::section:
      return sections[entry.index];
    case ComdatKind::data:
      break;
  }
  return data[entry.index];
}

}  // namespace wasmpack
