#include "linker/garbage_collection.h"

#include <algorithm>
#include <unordered_map>

#include "linker/relocate.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

enum class Space : uint8_t { function, data, other };

// Where the relocations of each chunk of CODE and DATA begin, so that one chunk can be walked.
struct RelocationIndex {
  std::vector<uint32_t> starts;  // byte offset in the entries; one more than there are chunks
  Bytes entries;
};

class Marker {
 public:
  Marker(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks, SymbolTable& table,
         const std::vector<ChainEntry>& chain)
      : inputs_(inputs), chunks_(chunks), table_(table) {
    for (uint32_t i = 0; i < inputs.size(); ++i) {
      live_.emplace_back(inputs[i].object);
      for (auto* space : spaces(live_[i]))
        for (Chunk& chunk : *space) chunk.state = ChunkState::unreachable;
      code_.push_back(index_relocations(inputs[i].object, SectionId::code));
      data_.push_back(index_relocations(inputs[i].object, SectionId::data));
      for (uint32_t d = 0; d < inputs[i].object.data.size(); ++d)
        named_segments_[inputs[i].object.data[d].name].push_back({i, d});
    }
    constructors_.resize(inputs.size());
    for (const ChainEntry& entry : chain) constructors_[entry.origin].push_back(entry.symbol);
    is_input_live_.assign(inputs.size(), false);
  }

  void mark_symbol(uint32_t input, uint32_t symbol) {
    const SymbolId id = table_.id_of(input, symbol);
    if (id != kLocalSymbol && !table_[id].is_defined) return mark_undefined(id);
    const SymbolRef owner = table_.owner_of(input, symbol);
    const Input& from = inputs_[owner.input];
    const Symbol& target = from.object.symbols[owner.symbol];
    const Object& object = from.object;
    switch (target.kind) {
      case SymbolKind::function:
        return mark_chunk(owner.input, Space::function,
                          target.index - object.imported_count(ExternKind::function));
      case SymbolKind::data:
        if (!target.is_absolute()) mark_chunk(owner.input, Space::data, target.index);
        return;
      case SymbolKind::section:
        return;
      default: {
        Chunk* chunk = live_[owner.input].find(object, target);
        if (chunk == nullptr || chunk->is_kept()) return;
        chunk->state = ChunkState::kept;
        mark_input(owner.input);
        const Chunk* original = chunks_[owner.input].find(object, target);
        if (original->comdat != kNoComdat) mark_group(owner.input, original->comdat);
        return;
      }
    }
  }

  void mark_chunk(uint32_t input, Space space, uint32_t index) {
    Chunk& chunk =
        space == Space::function ? live_[input].functions[index] : live_[input].data[index];
    if (chunk.is_kept()) return;
    chunk.state = ChunkState::kept;
    work_.push_back({input, space, index});
    mark_input(input);
    const Chunk& original =
        space == Space::function ? chunks_[input].functions[index] : chunks_[input].data[index];
    if (original.comdat != kNoComdat) mark_group(input, original.comdat);
  }

  // A group lives or dies whole: a later linker would take half a group for all of it.
  void mark_group(uint32_t input, uint32_t group) {
    const Object& object = inputs_[input].object;
    for (const ComdatEntry& entry : object.comdats[group].entries) {
      if (!chunks_[input].at(object, entry).is_kept() || entry.kind == ComdatKind::section)
        continue;
      if (entry.kind == ComdatKind::function)
        mark_chunk(input, Space::function,
                   entry.index - object.imported_count(ExternKind::function));
      else if (entry.kind == ComdatKind::data)
        mark_chunk(input, Space::data, entry.index);
      else
        live_[input].at(object, entry).state = ChunkState::kept;
    }
  }

  void run() {
    while (!work_.empty()) {
      const Work work = work_.back();
      work_.pop_back();
      const RelocationIndex& index =
          work.space == Space::function ? code_[work.input] : data_[work.input];
      if (index.starts.empty()) continue;
      const uint32_t begin = index.starts[work.chunk];
      const uint32_t end = index.starts[work.chunk + 1];
      RelocationReader reader(index.entries.subspan(begin, end - begin));
      for (Relocation relocation; reader.next(relocation);) {
        if (relocation.kind != kTypeIndexLeb &&
            relocation.index < inputs_[work.input].object.symbols.size())
          mark_symbol(work.input, relocation.index);
      }
    }
  }

  bool is_input_live(uint32_t input) const { return is_input_live_[input]; }
  bool is_referenced(SymbolId id) const { return referenced_.contains(id); }
  static std::vector<std::vector<Chunk>*> spaces(ChunkTable& table) {
    return {&table.functions, &table.data, &table.globals, &table.tags, &table.tables};
  }
  ChunkTable& live(uint32_t input) { return live_[input]; }

 private:
  struct Work {
    uint32_t input;
    Space space;
    uint32_t chunk;
  };

  static RelocationIndex index_relocations(const Object& object, SectionId id) {
    const int section = object.find_section(id);
    const RelocationSection* relocations =
        section < 0 ? nullptr : object.find_relocations(static_cast<uint32_t>(section));
    if (relocations == nullptr) return {};
    RelocationIndex index;
    index.entries = relocations->entries;
    const size_t count = id == SectionId::code ? object.code.size() : object.data.size();
    const auto end_of = [&](size_t chunk) -> uint64_t {
      return id == SectionId::code ? uint64_t{object.code[chunk].offset} + object.code[chunk].size
                                   : object.data[chunk].offset + object.data[chunk].content.size();
    };
    RelocationReader reader(index.entries);
    const uint8_t* base = index.entries.data();
    size_t chunk = 0;
    index.starts.push_back(0);
    const uint8_t* entry = base;
    for (Relocation relocation; reader.next(relocation); entry = reader.position())
      for (; chunk < count && relocation.offset >= end_of(chunk); ++chunk)
        index.starts.push_back(static_cast<uint32_t>(entry - base));
    for (; chunk < count; ++chunk) index.starts.push_back(static_cast<uint32_t>(entry - base));
    return index;
  }

  void mark_input(uint32_t input) {
    if (is_input_live_[input]) return;
    is_input_live_[input] = true;
    for (const SymbolRef constructor : constructors_[input])
      mark_symbol(constructor.input, constructor.symbol);
  }

  void mark_undefined(SymbolId id) {
    if (!referenced_.emplace(id, true).second) return;
    // The final linker defines these as the bounds of all segments of that name.
    std::string_view name = table_[id].name;
    if (name.starts_with("__start_"))
      name.remove_prefix(8);
    else if (name.starts_with("__stop_"))
      name.remove_prefix(7);
    else
      return;
    const auto segments = named_segments_.find(name);
    if (segments == named_segments_.end()) return;
    for (const auto& [input, segment] : segments->second) mark_chunk(input, Space::data, segment);
  }

  const std::vector<Input>& inputs_;
  std::vector<ChunkTable>& chunks_;
  SymbolTable& table_;
  std::vector<ChunkTable> live_;
  std::vector<RelocationIndex> code_, data_;
  std::vector<std::vector<SymbolRef>> constructors_;  // by origin
  std::vector<bool> is_input_live_;
  std::unordered_map<SymbolId, bool> referenced_;
  std::unordered_map<std::string_view, std::vector<std::pair<uint32_t, uint32_t>>> named_segments_;
  std::vector<Work> work_;
};

std::string describe_symbol(const Input& input, const Symbol& symbol) {
  return input.name() + ": " + std::string(symbol_kind_name(symbol.kind)) + " " +
         std::string(symbol.name);
}

}  // namespace

void collect_garbage(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks,
                     SymbolTable& table, const LinkOptions& options, std::vector<ChainEntry>& chain,
                     LinkReport& report, DiagnosticSink& sink) {
  const auto compile = [&](const std::vector<std::string>& texts, std::string_view option) {
    Result<PatternList> list = PatternList::create(texts, option);
    if (!list) sink.report(list.error());
    return list ? std::move(*list) : PatternList();
  };
  const PatternList keep = compile(options.edits.keep_global, "--keep-global-symbol");
  const PatternList exported = compile(options.edits.export_, "--export");

  Marker marker(inputs, chunks, table, chain);
  size_t roots = 0;
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const Object& object = inputs[i].object;
    for (uint32_t s = 0; s < object.symbols.size(); ++s) {
      const Symbol& symbol = object.symbols[s];
      if (symbol.kind == SymbolKind::section || !table.is_owner(i, s)) continue;
      const SymbolId id = table.id_of(i, s);
      const bool is_defined = id == kLocalSymbol ? symbol.is_defined() : table[id].is_defined;
      if (!is_defined) continue;
      const Chunk* chunk = chunks[i].find(object, symbol);
      if (chunk != nullptr && !chunk->is_kept()) continue;
      const uint32_t flags = id == kLocalSymbol ? symbol.flags : table[id].flags;
      const bool is_matched =
          id != kLocalSymbol && (keep.matches(symbol.name) || exported.matches(symbol.name));
      if (!is_matched && !(flags & (kSymbolExported | kSymbolNoStrip))) continue;
      if (inputs[i].preset.empty()) ++roots;  // generated entry points keep nothing by themselves
      marker.mark_symbol(i, s);
    }
    for (uint32_t d = 0; d < object.data.size(); ++d) {
      if (!(object.data[d].flags & kSegmentRetain) || !chunks[i].data[d].is_kept()) continue;
      ++roots;
      marker.mark_chunk(i, Space::data, d);
    }
  }
  if (roots == 0)
    sink.report(fail("no-roots", {}, "--gc would drop everything: nothing is exported or kept",
                     "name what must stay with --keep-global-symbol or --export")
                    .value());
  marker.run();

  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const std::vector<std::vector<Chunk>*> all = Marker::spaces(chunks[i]);
    const std::vector<std::vector<Chunk>*> live = Marker::spaces(marker.live(i));
    for (size_t space = 0; space < all.size(); ++space)
      for (size_t c = 0; c < all[space]->size(); ++c)
        if ((*all[space])[c].is_kept() && !(*live[space])[c].is_kept())
          (*all[space])[c].state = ChunkState::unreachable;
    const Object& object = inputs[i].object;
    // Debug sections of a group that went are kept, but no longer stand for the group.
    for (const Comdat& comdat : object.comdats) {
      const bool is_gone = std::ranges::any_of(comdat.entries, [&](const ComdatEntry& entry) {
        return chunks[i].at(object, entry).state == ChunkState::unreachable;
      });
      if (!is_gone) continue;
      for (const ComdatEntry& entry : comdat.entries)
        chunks[i].at(object, entry).comdat = kNoComdat;
    }
    for (uint32_t s = 0; s < object.symbols.size(); ++s) {
      const Chunk* chunk = chunks[i].find(object, object.symbols[s]);
      if (chunk != nullptr && chunk->state == ChunkState::unreachable)
        report.dropped.push_back(describe_symbol(inputs[i], object.symbols[s]));
    }
  }
  std::erase_if(chain, [&](const ChainEntry& entry) {
    if (marker.is_input_live(entry.origin)) return false;
    const SymbolRef ref = entry.symbol;
    report.dropped.push_back(inputs[entry.origin].name() + ": constructor " +
                             std::string(inputs[ref.input].object.symbols[ref.symbol].name));
    return true;
  });
  // The function table is not referred to by every call through it; it stays.
  table.for_each([&](SymbolId id, GlobalSymbol& global) {
    if (!global.is_defined && global.kind != SymbolKind::table && !marker.is_referenced(id))
      global.is_unused = true;
  });
}

}  // namespace wasmpack
