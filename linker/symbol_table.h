// The global symbols of a link: every name once, with its chosen definition.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "linker/chunks.h"
#include "linker/input.h"
#include "linker/merged_types.h"
#include "linker/name_shards.h"

namespace wasmpack {

// One name that several inputs may mention.
struct GlobalSymbol {
  std::string_view name;  // in the output
  SymbolRef owner;        // its definition; the first mention if nothing defines it
  uint32_t flags = 0;     // in the output: of the owner, then changed by the symbol edits
  // What all mentions must agree on. Functions, tags: position in MergedTypes::types; globals:
  // value type and mutability; tables: element type; data: 0.
  uint32_t type = 0;
  SymbolKind kind = SymbolKind::function;
  bool is_defined = false;
  bool is_unused = false;  // --gc: undefined, and nothing that stays refers to it
  bool is_alias = false;   // has no name of its own: stands for its owner only

  bool is_local() const { return flags & kSymbolLocal; }
};

// What a final module would import for a symbol that stays undefined. It is the import of the
// symbol's owner: one that gives it an explicit name, if there is any.
struct ImportName {
  std::string_view module;
  std::string_view field;
  bool operator==(const ImportName&) const = default;
};
ImportName import_name_of(const std::vector<Input>& inputs, const GlobalSymbol& global);

using SymbolId = uint32_t;
inline constexpr SymbolId kLocalSymbol = UINT32_MAX;

// All global symbols, and which one each symbol of each input stands for.
class SymbolTable {
 public:
  explicit SymbolTable(const std::vector<Input>& inputs);

  GlobalSymbol& operator[](SymbolId id) { return shards_[id % kShards][id / kShards]; }
  const GlobalSymbol& operator[](SymbolId id) const { return shards_[id % kShards][id / kShards]; }

  // The global that symbol `symbol` of input `input` stands for, or kLocalSymbol.
  SymbolId id_of(uint32_t input, uint32_t symbol) const { return ids_[input][symbol]; }
  // Where a symbol is really defined: itself for a local one.
  SymbolRef owner_of(uint32_t input, uint32_t symbol) const {
    const SymbolId id = ids_[input][symbol];
    return id == kLocalSymbol ? SymbolRef{input, symbol} : (*this)[id].owner;
  }
  bool is_owner(uint32_t input, uint32_t symbol) const {
    return owner_of(input, symbol) == SymbolRef{input, symbol};
  }

  // Calls visit(id, global) for every global, in no meaningful order.
  template <class Visit>
  void for_each(Visit visit) {
    for (uint32_t shard = 0; shard < kShards; ++shard)
      for (uint32_t i = 0; i < shards_[shard].size(); ++i)
        visit(i * kShards + shard, shards_[shard][i]);
  }
  template <class Visit>
  void for_each(Visit visit) const {
    const_cast<SymbolTable*>(this)->for_each(
        [&](SymbolId id, const GlobalSymbol& global) { visit(id, global); });
  }
  size_t size() const;

  // For the resolver: a shard is filled by one thread.
  std::vector<GlobalSymbol>& shard(size_t index) { return shards_[index]; }
  // Makes every mention of the keys stand for the value's global instead.
  void rebind(const std::unordered_map<SymbolId, SymbolId>& replaced);
  void bind(uint32_t input, uint32_t symbol, SymbolId id) { ids_[input][symbol] = id; }

 private:
  std::vector<GlobalSymbol> shards_[kShards];
  std::vector<std::vector<SymbolId>> ids_;
};

struct ResolveOptions {
  bool allow_multiple_definition = false;
  // Local symbols to treat as global ones (--globalize-symbol); null: none.
  const class PatternList* globalize = nullptr;
};

// Binds every mention of a name to one definition by wasm-ld's rules (SymbolTable.cpp): the first
// strong definition, else the first weak one; a definition in a discarded comdat copy counts as a
// reference. Reports duplicate symbols, kinds or types that differ, direct calls with another
// signature, imports of one name from two places. Afterwards the owner of every symbol is fixed.
SymbolTable resolve_symbols(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                            const MergedTypes& types, const ResolveOptions& options,
                            DiagnosticSink& sink);

// Marks chunks `superseded` whose symbols were all resolved to definitions of other inputs (weak
// ones that lost). No symbol could name them in the output, and wasm-ld 22 writes a broken name
// section for a function without a symbol.
void drop_superseded_chunks(const std::vector<Input>& inputs, const SymbolTable& table,
                            std::vector<ChunkTable>& chunks);

}  // namespace wasmpack
