#include <algorithm>
#include <string>

#include "linker/symbol_table.h"
#include "object/verify.h"
#include "support/glob.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

// The import behind an undefined symbol; null for data, and for what is defined.
const Import* find_import(const Object& object, const Symbol& symbol) {
  if (symbol.is_defined()) return nullptr;
  switch (symbol.kind) {
    case SymbolKind::function:
      return object.find_import(ExternKind::function, symbol.index);
    case SymbolKind::global:
      return object.find_import(ExternKind::global, symbol.index);
    case SymbolKind::tag:
      return object.find_import(ExternKind::tag, symbol.index);
    case SymbolKind::table:
      return object.find_import(ExternKind::table, symbol.index);
    default:
      return nullptr;
  }
}

// One mention of a name, seen from its input.
struct Mention {
  SymbolRef ref;
  bool is_definition;  // and its chunk was not discarded
  bool is_weak;
  bool is_called;  // by a direct call of its input
  uint32_t type;   // what mentions must agree on, see GlobalSymbol::type
};

class ShardResolver {
 public:
  ShardResolver(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                const MergedTypes& types, const std::vector<uint32_t>& turns,
                const ResolveOptions& options, DiagnosticSink& sink)
      : inputs_(inputs),
        chunks_(chunks),
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
        const Mention mention = describe({i, occurrence.item});
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
  const Symbol& symbol_at(SymbolRef ref) const {
    return inputs_[ref.input].object.symbols[ref.symbol];
  }

  Mention describe(SymbolRef ref) const {
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

  uint32_t type_of(SymbolRef ref) const {
    const Object& object = inputs_[ref.input].object;
    const Symbol& symbol = symbol_at(ref);
    switch (symbol.kind) {
      case SymbolKind::function:
        return types_.numbers[ref.input][object.function_type(symbol.index)];
      case SymbolKind::tag:
        return types_.numbers[ref.input][tag_type(ref)];
      case SymbolKind::global: {
        const GlobalType& type = global_type(object, symbol.index);
        return type.value_type[0] | (type.is_mutable ? kMutable : 0);
      }
      case SymbolKind::table:
        return table_type(object, symbol.index).element_type[0];
      default:
        return 0;
    }
  }

  static constexpr uint32_t kMutable = 0x100;

  static const GlobalType& global_type(const Object& object, uint32_t index) {
    const Import* import = object.find_import(ExternKind::global, index);
    return import != nullptr
               ? import->global
               : object.globals[index - object.imported_count(ExternKind::global)].type;
  }

  static const TableType& table_type(const Object& object, uint32_t index) {
    const Import* import = object.find_import(ExternKind::table, index);
    return import != nullptr ? import->table
                             : object.tables[index - object.imported_count(ExternKind::table)].type;
  }

  std::string describe_type(SymbolKind kind, uint32_t type) const {
    if (kind == SymbolKind::function || kind == SymbolKind::tag)
      return format_type(types_.types[type]);
    const auto value_type = static_cast<uint8_t>(type);
    return (type & kMutable ? "mut " : "") + format_value_types(Bytes(&value_type, 1));
  }

  uint32_t tag_type(SymbolRef ref) const {
    const Object& object = inputs_[ref.input].object;
    const uint32_t index = symbol_at(ref).index;
    const Import* import = object.find_import(ExternKind::tag, index);
    return import != nullptr ? import->type_index
                             : object.tags[index - object.imported_count(ExternKind::tag)];
  }

  GlobalSymbol first_mention(const Mention& mention) const {
    const Symbol& symbol = symbol_at(mention.ref);
    GlobalSymbol global;
    global.name = symbol.name;
    global.kind = symbol.kind;
    take(global, mention);
    return global;
  }

  // Makes `mention` the owner of `global`.
  void take(GlobalSymbol& global, const Mention& mention) const {
    const Symbol& symbol = symbol_at(mention.ref);
    global.owner = mention.ref;
    global.is_defined = mention.is_definition;
    global.flags = symbol.flags & ~kSymbolLocal;
    global.type = mention.type;
    // A definition that was discarded with its comdat copy is a plain reference.
    if (!mention.is_definition && symbol.is_defined())
      global.flags = (symbol.flags & (kSymbolWeak | kSymbolHidden | kSymbolTls)) | kSymbolUndefined;
  }

  const Import* import_of(SymbolRef ref) const {
    return find_import(inputs_[ref.input].object, symbol_at(ref));
  }

  void add_mention(GlobalSymbol& global, uint32_t number, const Mention& mention) {
    const Symbol& symbol = symbol_at(mention.ref);
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
    const Symbol& symbol = symbol_at(mention.ref);
    const Import* import = import_of(mention.ref);
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
    std::vector<std::vector<SymbolRef>> mentions(needs_check_.size());
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      for (const NameOccurrence& occurrence : names[i].shards[shard]) {
        const uint32_t number = table.id_of(i, occurrence.item) / kShards;
        if (needs_check_[number]) mentions[number].push_back({i, occurrence.item});
      }
    }
    for (uint32_t number = 0; number < mentions.size(); ++number)
      if (!mentions[number].empty())
        report_conflict(table[number * kShards + shard], mentions[number]);
  }

  void report_conflict(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions) {
    if (report_kind_mismatch(mentions)) return;
    report_duplicates(global, mentions);
    if (global.kind == SymbolKind::function)
      report_signatures(global, mentions);
    else
      report_types(global, mentions);
    if (!global.is_defined) report_imports(global, mentions);
  }

  bool report_kind_mismatch(const std::vector<SymbolRef>& mentions) {
    const Symbol& first = symbol_at(mentions.front());
    const bool same = std::all_of(mentions.begin(), mentions.end(),
                                  [&](SymbolRef ref) { return symbol_at(ref).kind == first.kind; });
    if (same) return false;
    Diagnostic diagnostic =
        problem("symbol-kind-mismatch", mentions.front(),
                "`" + std::string(first.name) + "` is not the same kind of symbol in all inputs");
    for (const SymbolRef ref : mentions)
      diagnostic.notes.push_back(
          place(ref) + (symbol_at(ref).is_defined() ? ": defined as a " : ": used as a ") +
          std::string(symbol_kind_name(symbol_at(ref).kind)));
    diagnostic.help = "rename one of them (--redefine-sym) or seal the input that defines it";
    sink_.report(std::move(diagnostic));
    return true;
  }

  void report_duplicates(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions) {
    std::vector<SymbolRef> strong;
    for (const SymbolRef ref : mentions) {
      const Mention mention = describe(ref);
      if (mention.is_definition && !mention.is_weak) strong.push_back(ref);
    }
    if (strong.size() < 2 || options_.allow_multiple_definition) return;
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

  void report_signatures(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions) {
    std::vector<SymbolRef> wrong;
    for (const SymbolRef ref : mentions) {
      const Mention mention = describe(ref);
      if (mention.type != global.type && mention.is_called) wrong.push_back(ref);
    }
    if (wrong.empty()) return;
    Diagnostic diagnostic =
        problem("signature-mismatch", wrong.front(),
                "`" + std::string(global.name) + "` is called with another signature than it has");
    const auto type_at = [&](uint32_t type) { return format_type(types_.types[type]); };
    const auto has_type = [&](SymbolRef ref) { return describe(ref).type == global.type; };
    const SymbolRef model =
        global.is_defined ? global.owner : *std::ranges::find_if(mentions, has_type);
    diagnostic.notes.push_back(std::string(global.is_defined ? "defined in " : "called in ") +
                               place(model) + " as " + type_at(global.type));
    for (const SymbolRef ref : wrong)
      diagnostic.notes.push_back("called in " + place(ref) + " as " + type_at(describe(ref).type));
    diagnostic.help =
        "declare the function with its real prototype in every source file, or, if two functions "
        "share the name, rename one with --redefine-sym or seal its library";
    sink_.report(std::move(diagnostic));
  }

  void report_types(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions) {
    for (const SymbolRef ref : mentions) {
      const uint32_t type = type_of(ref);
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

  void report_imports(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions) {
    // Only an explicit import name says which field is meant (lld, setImportAttributes).
    const auto is_explicit = [&](SymbolRef ref) {
      return import_of(ref) != nullptr && symbol_at(ref).has_explicit_name();
    };
    const auto found = std::ranges::find_if(mentions, is_explicit);
    const SymbolRef model = found != mentions.end() ? *found : global.owner;
    const Import* first = import_of(model);
    if (first == nullptr) return;
    for (const SymbolRef ref : mentions) {
      const Import* other = import_of(ref);
      if (other == nullptr) continue;
      const bool is_same_field = other->field == first->field ||
                                 !symbol_at(ref).has_explicit_name() ||
                                 !symbol_at(model).has_explicit_name();
      if (other->module == first->module && is_same_field) continue;
      Diagnostic diagnostic = problem(
          "import-mismatch", ref,
          "undefined symbol `" + std::string(global.name) + "` is imported from two places");
      const auto describe_import = [&](SymbolRef at, const Import& import) {
        return place(at) + " imports " + std::string(import.module) + "." +
               std::string(import.field);
      };
      diagnostic.notes = {describe_import(model, *first), describe_import(ref, *other)};
      diagnostic.help =
          "give both declarations the same import_module and import_name, or rename one with "
          "--redefine-sym in its own link";
      sink_.report(std::move(diagnostic));
      return;
    }
  }

  std::string place(SymbolRef ref) const { return inputs_[ref.input].name(); }
  Diagnostic problem(std::string_view id, SymbolRef ref, std::string message) const {
    return fail(id, inputs_[ref.input].locate(), std::move(message)).value();
  }

  const std::vector<Input>& inputs_;
  const std::vector<ChunkTable>& chunks_;
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
