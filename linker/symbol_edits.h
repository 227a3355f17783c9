// The symbol edits of objcopy, on the result of a link.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "linker/chunks.h"
#include "linker/symbol_table.h"

namespace wasmpack {

// What the edits decided, beside the changed flags and names in the symbol table.
struct EditedNames {
  std::deque<std::string> storage;  // owns the new names
  // New names of local symbols and of comdat groups, by old name.
  std::unordered_map<std::string_view, std::string_view> locals;
  std::unordered_map<std::string_view, std::string_view> comdats;
  // Functions that lost their export_name: unexported, or local now.
  std::set<SymbolRef> unexported;
};

// Applies `edits` to the symbols of `table`. A comdat group with a localized member is dissolved
// (its chunks lose their `comdat`, all its symbols become local); a group whose symbols are renamed
// is renamed with them, whole or not at all. Patterns match the names the inputs have.
//
// Errors: a pattern that is malformed; with `patterns_are_roots` a keep-global or export pattern
// without a match; names that collide after renaming; a comdat group renamed in part.
EditedNames apply_symbol_edits(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks,
                               SymbolTable& table, const SymbolEdits& edits,
                               bool patterns_are_roots, LinkReport& report, DiagnosticSink& sink);

}  // namespace wasmpack
