#include <algorithm>
#include <string>

#include "linker/mentions.h"
#include "linker/symbol_conflicts.h"
#include "linker/symbol_table.h"
#include "support/glob.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

class ShardResolver {
 public:
  ShardResolver(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                const MergedTypes& types, const std::vector<uint32_t>& turns,
                const ResolveOptions& options, DiagnosticSink& sink)
      : inputs_(inputs),
        reader_(inputs, chunks, types),
        types_(types),
        turns_(turns),
        options_(options),
        sink_(sink) {}

  void resolve(const std::vector<BinnedNames>& names, uint32_t shard, SymbolTable& table) {
    size_t count = 0;
    for (const BinnedNames& binned : names) count += binned.shards[shard].size();
    NameMap map(count);
    std::vector<GlobalSymbol>& globals = table.shard(shard);
    for (const uint32_t i : turns_) {
      for (const NameOccurrence& occurrence : names[i].shards[shard]) {
        const Symbol& symbol = inputs_[i].object.symbols[occurrence.item];
        bool inserted = false;
        const uint32_t number = map.insert(symbol.name, occurrence.hash, inserted);
        const Mention mention = reader_.describe({i, occurrence.item});
        if (inserted) {
          globals.push_back(first_mention(mention));
          called_.push_back(mention.is_called);
          needs_check_.push_back(false);
        } else {
          add_mention(globals[number], number, mention);
        }
        table.bind(i, occurrence.item, number * kShards + shard);
      }
    }
    report_conflicts(names, shard, table);
  }

 private:
  GlobalSymbol first_mention(const Mention& mention) const {
    const Symbol& symbol = reader_.symbol_at(mention.ref);
    GlobalSymbol global;
    global.name = symbol.name;
    global.kind = symbol.kind;
    take(global, mention);
    return global;
  }

  // Makes `mention` the owner of `global`.
  void take(GlobalSymbol& global, const Mention& mention) const {
    const Symbol& symbol = reader_.symbol_at(mention.ref);
    global.owner = mention.ref;
    global.is_defined = mention.is_definition;
    global.flags = symbol.flags & ~kSymbolLocal;
    global.type = mention.type;
    // A definition that was discarded with its comdat copy is a plain reference.
    if (!mention.is_definition && symbol.is_defined())
      global.flags = (symbol.flags & (kSymbolWeak | kSymbolHidden | kSymbolTls)) | kSymbolUndefined;
  }

  void add_mention(GlobalSymbol& global, uint32_t number, const Mention& mention) {
    const Symbol& symbol = reader_.symbol_at(mention.ref);
    if (symbol.kind != global.kind) {
      needs_check_[number] = true;
      return;
    }
    if (mention.type != global.type) needs_check_[number] = true;
    if (mention.is_definition) {
      const bool is_first = !global.is_defined;
      const bool is_stronger = (global.flags & kSymbolWeak) && !mention.is_weak;
      const bool is_duplicate = !is_first && !is_stronger && !mention.is_weak;
      if (is_duplicate && !options_.allow_multiple_definition) needs_check_[number] = true;
      if (is_first || is_stronger) take(global, mention);
      return;
    }
    if (global.is_defined) return;
    merge_reference(global, number, mention);
  }

  // Two references, no definition yet: a strong one outweighs a weak one, and the type that is
  // really called outweighs a declaration whose address is only taken.
  void merge_reference(GlobalSymbol& global, uint32_t number, const Mention& mention) {
    const Symbol& symbol = reader_.symbol_at(mention.ref);
    const Import* import = reader_.import_of(mention.ref);
    const bool is_explicit = import != nullptr && symbol.has_explicit_name();
    const bool was_explicit = global.flags & kSymbolExplicitName;
    if (import != nullptr) {
      const ImportName name = import_name_of(inputs_, global);
      if (import->module != name.module ||
          (is_explicit && was_explicit && import->field != name.field))
        needs_check_[number] = true;
    }
    // An explicit import name survives whoever is first.
    if (is_explicit && !was_explicit) {
      global.flags |= kSymbolExplicitName;
      global.owner = mention.ref;
    }
    if (!mention.is_weak) global.flags &= ~kSymbolWeak;
    global.flags |= symbol.flags & kSymbolNoStrip;
    if (!mention.is_called) return;
    if (!called_[number]) global.type = mention.type;
    called_[number] = true;
  }

  // ---- Reporting: only names that were marked are looked at a second time. ----

  void report_conflicts(const std::vector<BinnedNames>& names, uint32_t shard,
                        const SymbolTable& table) {
    if (std::none_of(needs_check_.begin(), needs_check_.end(), [](bool b) { return b; })) return;
    ConflictReporter reporter(inputs_, types_, reader_, options_.allow_multiple_definition, sink_);
    std::vector<std::vector<SymbolRef>> mentions(needs_check_.size());
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      for (const NameOccurrence& occurrence : names[i].shards[shard]) {
        const uint32_t number = table.id_of(i, occurrence.item) / kShards;
        if (needs_check_[number]) mentions[number].push_back({i, occurrence.item});
      }
    }
    for (uint32_t number = 0; number < mentions.size(); ++number)
      if (!mentions[number].empty())
        reporter.report(table[number * kShards + shard], mentions[number]);
  }

  const std::vector<Input>& inputs_;
  const MentionReader reader_;
  const MergedTypes& types_;
  const std::vector<uint32_t>& turns_;
  const ResolveOptions& options_;
  DiagnosticSink& sink_;
  std::vector<bool> called_;       // by number: a mention that counts for the type is called
  std::vector<bool> needs_check_;  // by number: something may be wrong
};

bool takes_part(const Symbol& symbol, const ResolveOptions& options) {
  if (symbol.kind == SymbolKind::section) return false;
  if (!symbol.is_local()) return true;
  return options.globalize != nullptr && options.globalize->matches(symbol.name);
}

}  // namespace

SymbolTable resolve_symbols(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                            const MergedTypes& types, const ResolveOptions& options,
                            DiagnosticSink& sink) {
  size_t symbols = 0;
  for (const Input& input : inputs) symbols += input.object.symbols.size();
  const size_t weight = symbols * 64;

  std::vector<BinnedNames> names(inputs.size());
  parallel_for(inputs.size(), weight, [&](size_t i) {
    const Input& input = inputs[i];
    for (uint32_t s = 0; s < input.object.symbols.size(); ++s)
      if (takes_part(input.object.symbols[s], options) &&
          (input.preset.empty() || !input.preset[s].is_set()))
        names[i].add(input.object.symbols[s].name, s);
  });

  SymbolTable table(inputs);
  const std::vector<uint32_t> turns = list_turns(inputs);
  parallel_for(kShards, weight, [&](size_t shard) {
    ShardResolver(inputs, chunks, types, turns, options, sink)
        .resolve(names, static_cast<uint32_t>(shard), table);
  });

  // Preset symbols stand for the one they name, or share its global.
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    for (uint32_t s = 0; s < inputs[i].preset.size(); ++s) {
      const SymbolRef preset = inputs[i].preset[s];
      if (!preset.is_set()) continue;
      SymbolId id = table.id_of(preset.input, preset.symbol);
      if (id == kLocalSymbol) {
        GlobalSymbol alias;
        alias.owner = preset;
        alias.flags = kSymbolLocal;
        alias.is_defined = true;
        alias.is_alias = true;
        id = static_cast<SymbolId>(table.shard(0).size()) * kShards;
        table.shard(0).push_back(alias);
      }
      table.bind(i, s, id);
    }
  }
  return table;
}

void drop_superseded_chunks(const std::vector<Input>& inputs, const SymbolTable& table,
                            std::vector<ChunkTable>& chunks) {
  parallel_for(inputs.size(), table.size() * 64, [&](size_t i) {
    const Object& object = inputs[i].object;
    std::vector<Chunk*> lost;
    for (uint32_t s = 0; s < object.symbols.size(); ++s) {
      Chunk* chunk = chunks[i].find(object, object.symbols[s]);
      if (chunk == nullptr || !chunk->is_kept()) continue;
      if (!table.is_owner(static_cast<uint32_t>(i), s)) lost.push_back(chunk);
    }
    if (lost.empty()) return;
    for (Chunk* chunk : lost) chunk->state = ChunkState::superseded;
    for (uint32_t s = 0; s < object.symbols.size(); ++s) {
      Chunk* chunk = chunks[i].find(object, object.symbols[s]);
      if (chunk != nullptr && chunk->state == ChunkState::superseded &&
          table.is_owner(static_cast<uint32_t>(i), s))
        chunk->state = ChunkState::kept;
    }
  });
}

}  // namespace wasmpack
