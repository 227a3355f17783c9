// Comdat groups: of each name the first copy counts, whether or not the others are like it.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inspect/compare/conflict_parts.h"

namespace wasmpack {
namespace {

struct FirstCopy {
  const ConflictInput* input;
  const ComdatFact* group;
};

// Index of the first defined function: facts list defined ones only.
uint32_t first_function(const Facts& facts) {
  return facts.functions.empty() ? 0 : facts.functions.front().index;
}

// Bytes of the group's code and data; debug information in it is no difference.
uint64_t size_of(const Facts& facts, const ComdatFact& group) {
  uint64_t size = 0;
  const uint32_t first = first_function(facts);
  for (const ComdatEntry& entry : group.entries) {
    if (entry.kind == ComdatKind::data && entry.index < facts.segments.size())
      size += facts.segments[entry.index].size;
    if (entry.kind == ComdatKind::function && entry.index - first < facts.functions.size())
      size += facts.functions[entry.index - first].size;
  }
  return size;
}

// Marks the symbols that the groups numbered so define.
void discard_symbols(ConflictInput& input, const std::vector<const ComdatFact*>& groups) {
  const Facts& facts = *input.facts;
  input.discarded.resize(facts.symbols.size());
  const uint32_t first = first_function(facts);
  std::vector<bool> functions(facts.functions.size());
  std::vector<bool> segments(facts.segments.size());
  for (const ComdatFact* group : groups)
    for (const ComdatEntry& entry : group->entries) {
      if (entry.kind == ComdatKind::data && entry.index < segments.size())
        segments[entry.index] = true;
      if (entry.kind == ComdatKind::function && entry.index - first < functions.size())
        functions[entry.index - first] = true;
    }
  for (size_t i = 0; i < facts.symbols.size(); ++i) {
    const SymbolFact& symbol = facts.symbols[i];
    if (symbol.flags & kSymbolUndefined) continue;
    if (symbol.kind == SymbolKind::data)
      input.discarded[i] =
          symbol.segment && *symbol.segment < segments.size() && segments[*symbol.segment];
    else if (symbol.kind == SymbolKind::function)
      input.discarded[i] = symbol.index && *symbol.index - first < functions.size() &&
                           functions[*symbol.index - first];
  }
}

// A global symbol for each function and segment, where there is one.
class ChunkSymbols {
 public:
  explicit ChunkSymbols(const Facts& facts)
      : first_(first_function(facts)),
        functions_(facts.functions.size()),
        segments_(facts.segments.size()) {
    for (const SymbolFact& symbol : facts.symbols) {
      if (symbol.flags & (kSymbolUndefined | kSymbolLocal)) continue;
      if (symbol.kind == SymbolKind::function && symbol.index &&
          *symbol.index - first_ < functions_.size())
        functions_[*symbol.index - first_] = symbol.name;
      if (symbol.segment && *symbol.segment < segments_.size())
        segments_[*symbol.segment] = symbol.name;
    }
  }

  // Of any chunk of the group: localizing it dissolves the whole group.
  std::string_view find(const ComdatFact& group) const {
    for (const ComdatEntry& entry : group.entries) {
      std::string_view name;
      if (entry.kind == ComdatKind::function && entry.index - first_ < functions_.size())
        name = functions_[entry.index - first_];
      if (entry.kind == ComdatKind::data && entry.index < segments_.size())
        name = segments_[entry.index];
      if (!name.empty()) return name;
    }
    return {};
  }

 private:
  uint32_t first_;
  std::vector<std::string_view> functions_;
  std::vector<std::string_view> segments_;
};

struct OtherCopy {
  const ConflictInput* input;
  uint64_t size;
  std::string_view symbol;
};

// Copies of one group that have other sizes than its first one.
struct DifferingGroup {
  FirstCopy first;
  std::vector<OtherCopy> others;
};

std::string size_text(uint64_t size) { return "its copy has " + std::to_string(size) + " bytes"; }

}  // namespace

void find_comdat_conflicts(ConflictSearch& search) {
  std::unordered_map<std::string_view, FirstCopy> first_copies;
  std::vector<DifferingGroup> differing;
  std::unordered_map<std::string_view, size_t> numbers;  // in `differing`
  for (ConflictInput& input : search.inputs) {
    std::vector<const ComdatFact*> lost;
    std::optional<ChunkSymbols> symbols;
    for (const ComdatFact& group : input.facts->comdats) {
      const auto [at, is_first] = first_copies.try_emplace(group.name, FirstCopy{&input, &group});
      if (is_first) continue;
      lost.push_back(&group);
      const FirstCopy& first = at->second;
      const uint64_t size = size_of(*input.facts, group);
      // Members of one archive are one library, built in one way or not.
      if (first.input->file == input.file) continue;
      if (size_of(*first.input->facts, *first.group) == size) continue;
      if (!symbols) symbols.emplace(*input.facts);
      const auto [number, is_new] = numbers.try_emplace(group.name, differing.size());
      if (is_new) differing.push_back({first, {}});
      differing[number->second].others.push_back({&input, size, symbols->find(group)});
    }
    discard_symbols(input, lost);
  }
  for (const DifferingGroup& entry : differing) {
    Collision collision{.severity = Severity::warning,
                        .id = "comdat-differs",
                        .name = entry.first.group->name,
                        .reason = "copies of one group have other sizes; the first one counts"};
    search.add_place(collision, *entry.first.input,
                     size_text(size_of(*entry.first.input->facts, *entry.first.group)));
    uint32_t last_file = entry.first.input->file;
    for (const OtherCopy& other : entry.others) {
      const uint32_t file = other.input->file;
      search.add_place(collision, *other.input, size_text(other.size));
      if (file == last_file || other.symbol.empty()) continue;
      last_file = file;
      search.part(collision, file, {localize_option(search.parted[file], other.symbol)});
    }
    collision.advice =
        "harmless if both are builds of the same source with other options; else a breach of the "
        "one definition rule";
    search.found.push_back(std::move(collision));
  }
}

}  // namespace wasmpack
