// What one input says of a symbol: a definition or a reference, of which type, called or not.
#pragma once

#include <cstdint>
#include <vector>

#include "linker/chunks.h"
#include "linker/input.h"
#include "linker/merged_types.h"

namespace wasmpack {

// One mention of a name, seen from its input.
struct Mention {
  SymbolRef ref;
  bool is_definition;  // and its chunk was not discarded
  bool is_weak;
  bool is_called;  // by a direct call of its input
  uint32_t type;   // what mentions must agree on, see GlobalSymbol::type
};

// Set in the type of a mutable global.
inline constexpr uint32_t kMutableType = 0x100;

// The import behind an undefined symbol; null for data, and for what is defined.
const Import* find_import(const Object& object, const Symbol& symbol);

class MentionReader {
 public:
  MentionReader(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                const MergedTypes& types)
      : inputs_(inputs), chunks_(chunks), types_(types) {}

  const Symbol& symbol_at(SymbolRef ref) const {
    return inputs_[ref.input].object.symbols[ref.symbol];
  }
  const Import* import_of(SymbolRef ref) const {
    return find_import(inputs_[ref.input].object, symbol_at(ref));
  }
  Mention describe(SymbolRef ref) const;
  uint32_t type_of(SymbolRef ref) const;

 private:
  const std::vector<Input>& inputs_;
  const std::vector<ChunkTable>& chunks_;
  const MergedTypes& types_;
};

}  // namespace wasmpack
