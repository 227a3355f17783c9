// What linkers look at, as JSON: symbols, segments, comdats, relocations.

#include <algorithm>
#include <array>

#include "inspect/render/json_parts.h"
#include "inspect/render/relocation_chunks.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

// How many relocations of each kind. The kinds' names are sorted as JSON keys are.
class KindCounts {
 public:
  void add(uint8_t kind) { ++counts_[kind]; }

  void write(JsonWriter& json) const {
    json.member_object("kinds", [&] {
      for (const uint8_t kind : kByName)
        if (counts_[kind] != 0)
          json.member(relocation_table::kRelocationTable[kind].name, counts_[kind]);
    });
  }
  uint32_t total() const {
    uint32_t sum = 0;
    for (const uint32_t count : counts_) sum += count;
    return sum;
  }

 private:
  static constexpr std::array<uint8_t, kRelocationKinds> kByName = [] {
    std::array<uint8_t, kRelocationKinds> kinds{};
    for (uint8_t i = 0; i < kRelocationKinds; ++i) kinds[i] = i;
    std::ranges::sort(kinds, {},
                      [](uint8_t kind) { return relocation_table::kRelocationTable[kind].name; });
    return kinds;
  }();

  std::array<uint32_t, kRelocationKinds> counts_{};
};

class RelocationsJson {
 public:
  RelocationsJson(JsonWriter& json, const Facts& facts, const RelocationsFact& relocations)
      : json_(json), facts_(facts), relocations_(relocations), chunks_(facts, relocations) {}

  void write() {
    KindCounts all;
    json_.member_array("chunks", [&] { write_chunks(all); });
    json_.member("complete", !is_malformed_);
    json_.member("count", relocations_.count);
    all.write(json_);
    json_.member("offset", relocations_.offset);
    json_.member("section", facts_.sections[relocations_.target].name);
    json_.member("section_index", relocations_.target);
  }

 private:
  void write_chunks(KindCounts& all) {
    RelocationReader reader(relocations_.entries);
    KindCounts counts;
    size_t chunk = ChunkFinder::kNone;
    bool is_empty = true;
    for (Relocation relocation; reader.next(relocation);) {
      const size_t found = chunks_.find(chunks_.base() + relocation.offset);
      if (found != chunk && !is_empty) {
        write_chunk(chunk, counts);
        counts = {};
      }
      chunk = found;
      is_empty = false;
      counts.add(relocation.kind);
      all.add(relocation.kind);
    }
    if (!is_empty) write_chunk(chunk, counts);
    is_malformed_ = reader.failed();
  }

  void write_chunk(size_t chunk, const KindCounts& counts) {
    json_.object([&] {
      json_.member("count", counts.total());
      json_.key("index");
      if (chunks_.kind() == ChunkKind::section)
        json_.number(relocations_.target);
      else if (chunk == ChunkFinder::kNone)
        json_.null();
      else if (chunks_.kind() == ChunkKind::function)
        json_.number(facts_.functions[chunk].index);
      else
        json_.number(chunk);
      json_.member("kind", chunk_kind_name(chunks_.kind()));
      counts.write(json_);
    });
  }

  JsonWriter& json_;
  const Facts& facts_;
  const RelocationsFact& relocations_;
  ChunkFinder chunks_;
  bool is_malformed_ = false;
};

}  // namespace

void write_comdats(JsonWriter& json, const Facts& facts) {
  json.member_objects("comdats", facts.comdats, [&](const ComdatFact& comdat) {
    json.member_objects("entries", comdat.entries, [&](const ComdatEntry& entry) {
      json.member("index", entry.index);
      json.member("kind", comdat_kind_name(entry.kind));
    });
    json.member("name", comdat.name);
  });
}

void write_relocations(JsonWriter& json, const Facts& facts) {
  json.member_objects("relocations", facts.relocations, [&](const RelocationsFact& relocations) {
    RelocationsJson(json, facts, relocations).write();
  });
}

void write_segments(JsonWriter& json, const Facts& facts) {
  json.member_objects("segments", facts.segments, [&](const SegmentFact& segment) {
    json.member("address", segment.address);
    json.member("alignment", segment.alignment);
    write_words(json, "flags", segment_flag_words(segment.flags));
    json.member("name", segment.name);
    json.member("offset", segment.offset);
    json.member("passive", segment.is_passive);
    json.member("size", segment.size);
  });
}

void write_symbols(JsonWriter& json, const Facts& facts) {
  json.member_objects("symbols", facts.symbols, [&](const SymbolFact& symbol) {
    write_words(json, "flags", symbol_flag_words(symbol.flags));
    if (symbol.index) json.member("index", *symbol.index);
    json.member("kind", symbol_kind_name(symbol.kind));
    json.member("name", symbol.name);
    if (symbol.offset) json.member("offset", *symbol.offset);
    if (symbol.segment) json.member("segment", *symbol.segment);
    if (symbol.size) json.member("size", *symbol.size);
  });
}

}  // namespace wasmpack
