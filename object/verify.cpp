#include "object/verify.h"

#include <string>

#include "object/relocation_reader.h"
#include "support/leb128.h"

namespace wasmpack {
namespace {

// The part of a section that a relocated field must stay inside.
struct ChunkRange {
  uint64_t begin;
  uint64_t end;
};

// Walks the chunks of one section in step with its relocations.
class ChunkWalker {
 public:
  ChunkWalker(const Object& object, uint32_t section)
      : object_(object), section_(object.sections[section]) {}

  // The chunk that holds `offset`, if any. Offsets must not decrease from call to call.
  std::optional<ChunkRange> find(uint64_t offset) {
    while (index_ < count() && range(index_).end <= offset) ++index_;
    if (index_ == count() || range(index_).begin > offset) return std::nullopt;
    return range(index_);
  }

 private:
  size_t count() const {
    if (section_.id == SectionId::code) return object_.code.size();
    if (section_.id == SectionId::data) return object_.data.size();
    return 1;
  }
  ChunkRange range(size_t i) const {
    if (section_.id == SectionId::code)
      return {object_.code[i].offset, uint64_t{object_.code[i].offset} + object_.code[i].size};
    if (section_.id == SectionId::data)
      return {object_.data[i].offset, object_.data[i].offset + object_.data[i].content.size()};
    return {0, section_.content.size()};
  }

  const Object& object_;
  const Section& section_;
  size_t index_ = 0;
};

const char* chunk_noun(SectionId id) {
  if (id == SectionId::code) return "function body";
  if (id == SectionId::data) return "data segment";
  return "section";
}

bool is_symbol_kind_allowed(RelocationTarget target, SymbolKind kind) {
  switch (target) {
    case RelocationTarget::function_index:
    case RelocationTarget::table_index:
    case RelocationTarget::function_offset: return kind == SymbolKind::function;
    case RelocationTarget::memory_address: return kind == SymbolKind::data;
    case RelocationTarget::global_index:
      return kind == SymbolKind::global || kind == SymbolKind::data || kind == SymbolKind::function;
    case RelocationTarget::section_offset: return kind == SymbolKind::section;
    case RelocationTarget::tag_index: return kind == SymbolKind::tag;
    case RelocationTarget::table_number: return kind == SymbolKind::table;
    case RelocationTarget::type_index: return false;  // names no symbol
  }
  return false;
}

uint8_t use_of(const RelocationInfo& info, SymbolKind kind, SectionId section) {
  switch (info.target) {
    case RelocationTarget::table_index: return kUsedInTable;
    case RelocationTarget::function_index:
      return info.id == kFunctionIndexLeb && section == SectionId::code ? kUsedByDirectCall
                                                                        : kUsedOtherwise;
    case RelocationTarget::global_index:
      return kind == SymbolKind::global ? kUsedOtherwise : kUsedByGot;
    default: return kUsedOtherwise;
  }
}

// Whether a padded LEB field of `width` bytes stands at `field`: continuation bits on all bytes but
// the last, and no value bits beyond 32 or 64.
bool is_padded_leb(const uint8_t* field, unsigned width, bool is_signed) {
  for (unsigned i = 0; i + 1 < width; ++i)
    if (field[i] < 0x80) return false;
  const uint8_t last = field[width - 1];
  if (width == kPaddedLeb32) {
    if (is_signed) return (last & 0x78) == 0 || (last & 0xf8) == 0x78;  // bits 31.. repeat the sign
    return last <= 0x0f;
  }
  return is_signed ? last == 0 || last == 0x7f : last <= 0x01;
}

class RelocationVerifier {
 public:
  RelocationVerifier(const Object& object, const RelocationSection& relocations, uint32_t order,
                     std::vector<uint8_t>& uses)
      : object_(object), relocations_(relocations), order_(order), uses_(uses) {}

  Result<void> verify() {
    const Section& target = object_.sections[relocations_.target];
    ChunkWalker chunks(object_, relocations_.target);
    Cursor cursor(relocations_.entries, relocations_.entries_offset);
    uint64_t previous_end = 0;
    for (uint32_t i = 0; i < relocations_.count; ++i) {
      const uint64_t entry_at = cursor.offset();
      const Relocation relocation = read_relocation(cursor);
      if (!cursor.ok()) return entry_error(cursor.failure_offset(), cursor.failure());
      const RelocationInfo& info = *find_relocation_info(relocation.kind);
      if (Result<void> checked = check_index(relocation, info, target.id, entry_at); !checked)
        return checked;
      if (relocation.offset < previous_end)
        return entry_error(entry_at, name_of(info) + "sites are not in ascending order, or overlap");
      const std::optional<ChunkRange> chunk = chunks.find(relocation.offset);
      if (!chunk)
        return entry_error(entry_at, name_of(info) + "site 0x" + hex(relocation.offset) +
                                         " lies in no " + chunk_noun(target.id));
      unsigned width = relocation_width(info.encoding);
      const uint8_t* field = target.content.data() + relocation.offset;
      if (info.target == RelocationTarget::table_number) {
        // LLVM before 16 did not pad these (LLVM D95052).
        width = 1;
        while (width < kPaddedLeb32 && relocation.offset + width < chunk->end &&
               field[width - 1] >= 0x80)
          ++width;
      }
      if (relocation.offset + uint64_t{width} > chunk->end)
        return entry_error(entry_at, name_of(info) + "site 0x" + hex(relocation.offset) +
                                         " reaches past the end of its " + chunk_noun(target.id));
      if (Result<void> checked = check_encoding(info, field, width, target, relocation.offset);
          !checked)
        return checked;
      previous_end = uint64_t{relocation.offset} + width;
    }
    if (!cursor.at_end()) return entry_error(cursor.offset(), "data left over behind the entries");
    return {};
  }

 private:
  Result<void> check_index(const Relocation& relocation, const RelocationInfo& info,
                           SectionId section, uint64_t entry_at) {
    if (info.target == RelocationTarget::type_index) {
      if (relocation.index < object_.types.size()) return {};
      return entry_error(entry_at, name_of(info) + "type index " +
                                       std::to_string(relocation.index) + " is out of range (" +
                                       std::to_string(object_.types.size()) + " types)");
    }
    if (relocation.index >= object_.symbols.size())
      return entry_error(entry_at, name_of(info) + "symbol index " +
                                       std::to_string(relocation.index) + " is out of range (" +
                                       std::to_string(object_.symbols.size()) + " symbols)");
    const Symbol& symbol = object_.symbols[relocation.index];
    if (!is_symbol_kind_allowed(info.target, symbol.kind))
      return entry_error(entry_at, name_of(info) + "cannot apply to " +
                                       std::string(symbol_kind_name(symbol.kind)) + " symbol `" +
                                       std::string(symbol.name) + "`");
    uses_[relocation.index] |= use_of(info, symbol.kind, section);
    return {};
  }

  Result<void> check_encoding(const RelocationInfo& info, const uint8_t* field, unsigned width,
                              const Section& target, uint32_t offset) const {
    const bool is_leb = info.encoding != RelocationEncoding::u32 &&
                        info.encoding != RelocationEncoding::u64;
    if (!is_leb) {
      if (target.id != SectionId::code) return {};
      return site_error(target, offset, name_of(info) + "is not allowed in CODE: its field is no LEB128");
    }
    if (info.target == RelocationTarget::table_number) return {};
    const bool is_signed = info.encoding == RelocationEncoding::sleb32 ||
                           info.encoding == RelocationEncoding::sleb64;
    if (is_padded_leb(field, width, is_signed)) return {};
    return site_error(target, offset,
                      name_of(info) + "field is not a LEB128 padded to " + std::to_string(width) +
                          " bytes (was the code changed after it was compiled?)");
  }

  static std::string name_of(const RelocationInfo& info) {
    return "relocation " + std::string(info.name) + ": ";
  }
  static std::string hex(uint64_t value) {
    std::string text;
    do text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    while ((value >>= 4) != 0);
    return text;
  }

  Location locate(std::string_view section, uint64_t offset) const {
    return {.file = std::string(object_.file),
            .member = std::string(object_.member),
            .section = std::string(section),
            .offset = offset,
            .order = order_};
  }
  tl::unexpected<Diagnostic> entry_error(uint64_t offset, std::string message) const {
    return fail("invalid-relocation",
                locate(object_.sections[relocations_.section].name, offset), std::move(message));
  }
  tl::unexpected<Diagnostic> site_error(const Section& target, uint32_t offset,
                                        std::string message) const {
    return fail("invalid-relocation", locate(target.name, target.content_offset + offset),
                std::move(message));
  }

  const Object& object_;
  const RelocationSection& relocations_;
  uint32_t order_;
  std::vector<uint8_t>& uses_;
};

}  // namespace

Result<std::vector<uint8_t>> verify_object(const Object& object, uint32_t order) {
  std::vector<uint8_t> uses(object.symbols.size(), 0);
  for (const RelocationSection& relocations : object.relocations) {
    Result<void> verified = RelocationVerifier(object, relocations, order, uses).verify();
    if (!verified) return tl::unexpected<Diagnostic>(std::move(verified.error()));
  }
  return uses;
}

}  // namespace wasmpack
