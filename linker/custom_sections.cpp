#include "linker/custom_sections.h"

#include <algorithm>
#include <unordered_map>

#include "object/relocation_reader.h"
#include "support/byte_writer.h"
#include "support/cursor.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

enum class Policy : uint8_t { concatenate, join_by_count, drop };

struct PolicyRow {
  std::string_view name;
  bool is_prefix;
  Policy policy;
};

// First match counts.
constexpr PolicyRow kPolicies[] = {
    {"linking", false, Policy::drop},          // made anew
    {"reloc.", true, Policy::drop},            // made anew
    {"producers", false, Policy::drop},        // merged (metadata.h)
    {"target_features", false, Policy::drop},  // merged (metadata.h)
    {"name", false, Policy::drop},             // symbols name the functions of an object
    {".llvmbc", false, Policy::drop},          // -fembed-bitcode: says nothing of the merged code
    {".llvmcmd", false, Policy::drop},
    {"metadata.code.", true, Policy::join_by_count},  // CodeMetadata.md: vec(function entries)
    {"", true, Policy::concatenate},
};

Policy policy_of(std::string_view name) {
  for (const PolicyRow& row : kPolicies)
    if (row.is_prefix ? name.starts_with(row.name) : name == row.name) return row.policy;
  return Policy::concatenate;
}

// Readers of LLVM's coverage sections step through them in units of 8 (as lld knows too).
uint64_t alignment_of(std::string_view name) {
  return name == "__llvm_covfun" || name == "__llvm_covmap" ? 8 : 1;
}

bool is_debug_section(std::string_view name) { return name.starts_with(".debug_"); }

class CustomSectionPlanner {
 public:
  CustomSectionPlanner(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks,
                       const LinkOptions& options, const PatternList& removed, DiagnosticSink& sink)
      : inputs_(inputs), chunks_(chunks), options_(options), removed_(removed), sink_(sink) {}

  CustomLayout plan() {
    layout_.places.resize(inputs_.size());
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      const Object& object = inputs_[i].object;
      layout_.places[i].resize(object.sections.size());
      for (uint32_t s = 0; s < object.sections.size(); ++s)
        if (object.sections[s].is_custom()) add(i, s);
    }
    finish();
    return std::move(layout_);
  }

 private:
  void add(uint32_t input, uint32_t s) {
    const Section& section = inputs_[input].object.sections[s];
    Chunk& chunk = chunks_[input].sections[s];
    if (!chunk.is_kept()) return;
    const Policy policy = policy_of(section.name);
    const bool is_stripped = (options_.strip_debug && is_debug_section(section.name)) ||
                             (policy != Policy::drop && removed_.matches(section.name));
    if (policy == Policy::drop || is_stripped) {
      chunk.state = ChunkState::stripped;
      return;
    }
    CustomPiece piece{input, s, section.content};
    const uint32_t number = find_or_add(section.name, input, chunk.comdat);
    if (policy == Policy::join_by_count && !take_entries(section, number, piece)) return;
    layout_.sections[number].pieces.push_back(piece);
    layout_.places[input][s].custom = number;
  }

  uint32_t find_or_add(std::string_view name, uint32_t input, uint32_t comdat) {
    const auto next = static_cast<uint32_t>(layout_.sections.size());
    if (comdat == kNoComdat) {
      const auto [at, inserted] = by_name_.emplace(name, next);
      if (!inserted) return at->second;
    }
    CustomSection section;
    section.name = name;
    if (comdat != kNoComdat) section.comdat_input = input;
    section.comdat = comdat;
    layout_.sections.push_back(std::move(section));
    counts_.push_back(0);
    return next;
  }

  // metadata.code.*: a vector of (function index, vector of (offset, bytes)), CodeMetadata.md. Only
  // entries of functions that stay are taken: an engine rejects two entries for one function.
  bool take_entries(const Section& section, uint32_t number, CustomPiece& piece) {
    const Object& object = inputs_[piece.input].object;
    const std::unordered_map<uint32_t, uint32_t> symbols = symbols_by_site(object, piece.section);
    SectionPlace& place = layout_.places[piece.input][piece.section];
    std::vector<uint8_t>& taken = layout_.storage.emplace_back();
    Cursor cursor(section.content, section.content_offset);
    const uint32_t count = cursor.read_count();
    for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
      const auto begin = static_cast<uint32_t>(cursor.position() - section.content.data());
      cursor.read_varuint32();  // function
      const uint32_t items = cursor.read_count();
      for (uint32_t item = 0; item < items && cursor.ok(); ++item) {
        cursor.read_varuint32();  // offset
        cursor.read_bytes(cursor.read_varuint32());
      }
      if (!cursor.ok()) break;
      const auto end = static_cast<uint32_t>(cursor.position() - section.content.data());
      const auto symbol = symbols.find(begin);
      // Without a relocation it names a function by this input's numbers, which end here.
      if (symbol == symbols.end()) continue;
      const Chunk* function = chunks_[piece.input].find(object, object.symbols[symbol->second]);
      if (function != nullptr && !function->is_kept()) continue;
      place.runs.push_back({begin, end, static_cast<uint32_t>(taken.size())});
      taken.insert(taken.end(), section.content.begin() + begin, section.content.begin() + end);
      ++counts_[number];
    }
    if (cursor.ok() && !cursor.at_end()) cursor.fail("data left over behind the entries");
    if (!cursor.ok()) {
      Location where = inputs_[piece.input].locate(section.name);
      where.offset = cursor.failure_offset();
      sink_.report(fail("malformed-wasm", std::move(where), cursor.failure()).value());
      return false;
    }
    piece.content = taken;
    return !taken.empty();
  }

  // By site, the symbols that function index relocations of a section name.
  static std::unordered_map<uint32_t, uint32_t> symbols_by_site(const Object& object,
                                                                uint32_t section) {
    std::unordered_map<uint32_t, uint32_t> symbols;
    const RelocationSection* relocations = object.find_relocations(section);
    if (relocations == nullptr) return symbols;
    RelocationReader reader(relocations->entries);
    for (Relocation relocation; reader.next(relocation);)
      if (find_relocation_info(relocation.kind)->target == RelocationTarget::function_index &&
          relocation.index < object.symbols.size())
        symbols.emplace(relocation.offset, relocation.index);
    return symbols;
  }

  void finish() {
    for (uint32_t number = 0; number < layout_.sections.size(); ++number) {
      CustomSection& section = layout_.sections[number];
      if (policy_of(section.name) == Policy::join_by_count) {
        ByteWriter count;
        count.write_varuint(counts_[number]);
        section.header = count.take();
      }
      const uint64_t alignment = alignment_of(section.name);
      uint64_t at = section.header.size();
      for (CustomPiece& piece : section.pieces) {
        at = (at + alignment - 1) / alignment * alignment;
        piece.offset = at;
        layout_.places[piece.input][piece.section].offset = at;
        at += piece.content.size();
      }
      section.size = at;
    }
  }

  const std::vector<Input>& inputs_;
  std::vector<ChunkTable>& chunks_;
  const LinkOptions& options_;
  const PatternList& removed_;
  DiagnosticSink& sink_;
  CustomLayout layout_;
  std::unordered_map<std::string_view, uint32_t> by_name_;
  std::vector<uint64_t> counts_;
};

}  // namespace

std::optional<uint64_t> SectionPlace::find(uint32_t at) const {
  if (runs.empty()) return offset + at;
  const auto run = std::ranges::upper_bound(runs, at, {}, &CopiedRun::end);
  if (run == runs.end() || at < run->begin) return std::nullopt;
  return offset + run->offset + (at - run->begin);
}

CustomLayout lay_out_custom_sections(const std::vector<Input>& inputs,
                                     std::vector<ChunkTable>& chunks, const LinkOptions& options,
                                     DiagnosticSink& sink) {
  Result<PatternList> removed = PatternList::create(options.remove_sections, "--remove-section");
  if (!removed) {
    sink.report(removed.error());
    return {};
  }
  return CustomSectionPlanner(inputs, chunks, options, *removed, sink).plan();
}

}  // namespace wasmpack
