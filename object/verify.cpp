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
      : object_(object), section_(object.sections[section]) {
    if (section_.id == SectionId::code)
      count_ = object_.code.size();
    else if (section_.id == SectionId::data)
      count_ = object_.data.size();
    if (count_ != 0) current_ = range(0);
  }

  // The chunk that holds `offset`, if any. Offsets must not decrease from call to call.
  std::optional<ChunkRange> find(uint64_t offset) {
    while (index_ < count_ && current_.end <= offset)
      if (++index_ < count_) current_ = range(index_);
    if (index_ == count_ || current_.begin > offset) return std::nullopt;
    return current_;
  }

 private:
  ChunkRange range(size_t i) const {
    if (section_.id == SectionId::code)
      return {object_.code[i].offset, uint64_t{object_.code[i].offset} + object_.code[i].size};
    if (section_.id == SectionId::data)
      return {object_.data[i].offset, object_.data[i].offset + object_.data[i].content.size()};
    return {0, section_.content.size()};
  }

  const Object& object_;
  const Section& section_;
  size_t count_ = 1;  // a custom section is one chunk
  size_t index_ = 0;
  ChunkRange current_{0, 0};
};

const char* chunk_noun(SectionId id) {
  if (id == SectionId::code) return "function body";
  if (id == SectionId::data) return "data segment";
  return "section";
}

uint8_t use_of(const RelocationInfo& info, SymbolKind kind, SectionId section) {
  const uint8_t by_custom = section == SectionId::custom ? kUsedByCustom : 0;
  switch (info.target) {
    case RelocationTarget::table_index:
      return kUsedInTable | by_custom;
    case RelocationTarget::function_index:
      return info.id == kFunctionIndexLeb && section == SectionId::code ? kUsedByDirectCall
                                                                        : kUsedOtherwise;
    case RelocationTarget::global_index:
      return kind == SymbolKind::global ? kUsedOtherwise : kUsedByGot | by_custom;
    default:
      return kUsedOtherwise;
  }
}

// Whether a padded LEB field of `width` bytes stands at `field`: continuation bits on all bytes but
// the last, and no value bits beyond 32 or 64.
bool is_padded_leb(const uint8_t* field, unsigned width, bool is_signed) {
  for (unsigned i = 0; i + 1 < width; ++i)
    if (field[i] < 0x80) return false;
  const uint8_t last = field[width - 1];
  if (width == kPaddedLeb32) {
    if (is_signed) return (last & 0xf8) == 0 || (last & 0xf8) == 0x78;  // bits 31.. repeat the sign
    return last <= 0x0f;
  }
  return is_signed ? last == 0 || last == 0x7f : last <= 0x01;
}

// Collects what is wrong, up to a limit.
class ProblemList {
 public:
  explicit ProblemList(size_t limit) : limit_(limit) {}
  // Whether there is room for more.
  bool add(tl::unexpected<Diagnostic> problem) {
    if (problems_.size() < limit_) problems_.push_back(std::move(problem.value()));
    return problems_.size() < limit_;
  }
  bool is_full() const { return problems_.size() >= limit_; }
  std::vector<Diagnostic>& get() { return problems_; }

 private:
  size_t limit_;
  std::vector<Diagnostic> problems_;
};

class RelocationVerifier {
 public:
  RelocationVerifier(const Object& object, const std::vector<SymbolKind>& kinds,
                     const RelocationSection& relocations, uint32_t order, bool with_code_fields,
                     std::vector<uint8_t>& uses)
      : object_(object),
        kinds_(kinds),
        relocations_(relocations),
        order_(order),
        with_code_fields_(with_code_fields),
        uses_(uses) {}

  // A problem of one entry does not end the walk, unless nothing can be said about those behind it.
  void verify(ProblemList& problems) {
    const Section& target = object_.sections[relocations_.target];
    const bool with_fields = with_code_fields_ || target.id != SectionId::code;
    ChunkWalker chunks(object_, relocations_.target);
    RelocationReader reader(relocations_.entries);
    uint64_t previous_end = 0;
    uint32_t count = 0;
    const uint8_t* entry = reader.position();
    for (Relocation relocation; reader.next(relocation); entry = reader.position(), ++count) {
      const RelocationInfo& info = *find_relocation_info(relocation.kind);
      if (!is_index_valid(relocation, info, target.id)) {
        if (!problems.add(index_error(relocation, info, entry))) return;
        continue;
      }
      if (relocation.offset < previous_end) {
        problems.add(
            entry_error(entry, name_of(info) + "sites are not in ascending order, or overlap"));
        return;
      }
      const std::optional<ChunkRange> chunk = chunks.find(relocation.offset);
      if (!chunk) {
        if (!problems.add(entry_error(entry, name_of(info) + "site 0x" + hex(relocation.offset) +
                                                 " lies in no " + chunk_noun(target.id))))
          return;
        continue;
      }
      const uint8_t* field = target.content.data() + relocation.offset;
      const unsigned width = info.target == RelocationTarget::table_number
                                 ? table_number_width(field, chunk->end - relocation.offset)
                                 : relocation_width(info.encoding);
      if (relocation.offset + uint64_t{width} > chunk->end) {
        if (!problems.add(entry_error(entry, name_of(info) + "site 0x" + hex(relocation.offset) +
                                                 " reaches past the end of its " +
                                                 chunk_noun(target.id))))
          return;
        continue;
      }
      previous_end = uint64_t{relocation.offset} + width;
      if (with_fields && !is_field_valid(info, field, width, target.id)) {
        if (!problems.add(field_error(info, width, target, relocation.offset))) return;
      }
    }
    if (reader.failed())
      problems.add(malformed_error(reader.position()));
    else if (count != relocations_.count)
      problems.add(entry_error(entry, "the section holds " + std::to_string(count) +
                                          " entries but counts " +
                                          std::to_string(relocations_.count)));
  }

 private:
  bool is_index_valid(const Relocation& relocation, const RelocationInfo& info, SectionId section) {
    if (info.target == RelocationTarget::type_index) return relocation.index < object_.types.size();
    if (relocation.index >= kinds_.size()) return false;
    const SymbolKind kind = kinds_[relocation.index];
    uses_[relocation.index] |= use_of(info, kind, section);
    return is_symbol_kind_allowed(info.target, kind);
  }

  // LLVM before 16 did not pad table numbers (LLVM D95052).
  static unsigned table_number_width(const uint8_t* field, uint64_t room) {
    unsigned width = 1;
    while (width < kPaddedLeb32 && width < room && field[width - 1] >= 0x80) ++width;
    return width;
  }

  static bool is_field_valid(const RelocationInfo& info, const uint8_t* field, unsigned width,
                             SectionId section) {
    switch (info.encoding) {
      case RelocationEncoding::u32:
      case RelocationEncoding::u64:
        return section != SectionId::code;
      case RelocationEncoding::uleb32:
        return info.target == RelocationTarget::table_number || is_padded_leb(field, width, false);
      case RelocationEncoding::uleb64:
        return is_padded_leb(field, width, false);
      case RelocationEncoding::sleb32:
      case RelocationEncoding::sleb64:
        return is_padded_leb(field, width, true);
    }
    return false;
  }

  // ---- Messages ----

  tl::unexpected<Diagnostic> index_error(const Relocation& relocation, const RelocationInfo& info,
                                         const uint8_t* entry) const {
    const bool is_type = info.target == RelocationTarget::type_index;
    const size_t count = is_type ? object_.types.size() : object_.symbols.size();
    if (relocation.index >= count)
      return entry_error(entry, name_of(info) + (is_type ? "type" : "symbol") + " index " +
                                    std::to_string(relocation.index) + " is out of range (" +
                                    std::to_string(count) + (is_type ? " types)" : " symbols)"));
    const Symbol& symbol = object_.symbols[relocation.index];
    return entry_error(entry, name_of(info) + "cannot apply to " +
                                  std::string(symbol_kind_name(symbol.kind)) + " symbol `" +
                                  std::string(symbol.name) + "`");
  }

  tl::unexpected<Diagnostic> field_error(const RelocationInfo& info, unsigned width,
                                         const Section& target, uint32_t offset) const {
    const bool is_leb =
        info.encoding != RelocationEncoding::u32 && info.encoding != RelocationEncoding::u64;
    return fail(
        "invalid-relocation", locate(target.name, target.content_offset + offset),
        name_of(info) + (is_leb ? "field is not a LEB128 padded to " + std::to_string(width) +
                                      " bytes (was the code changed after it was compiled?)"
                                : "is not allowed in CODE: its field is no LEB128"));
  }

  // Decodes the entry once more, with care, to say what is wrong with it.
  tl::unexpected<Diagnostic> malformed_error(const uint8_t* entry) const {
    const auto at = static_cast<size_t>(entry - relocations_.entries.data());
    Cursor cursor(relocations_.entries.subspan(at), relocations_.entries_offset + at);
    read_relocation(cursor);
    return fail("invalid-relocation",
                locate(object_.sections[relocations_.section].name, cursor.failure_offset()),
                cursor.ok() ? "malformed entry" : cursor.failure());
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
  tl::unexpected<Diagnostic> entry_error(const uint8_t* entry, std::string message) const {
    const auto at = static_cast<uint64_t>(entry - relocations_.entries.data());
    return fail(
        "invalid-relocation",
        locate(object_.sections[relocations_.section].name, relocations_.entries_offset + at),
        std::move(message));
  }

  const Object& object_;
  const std::vector<SymbolKind>& kinds_;
  const RelocationSection& relocations_;
  uint32_t order_;
  bool with_code_fields_;
  std::vector<uint8_t>& uses_;
};

void verify_all(const Object& object, uint32_t order, bool with_code_fields,
                std::vector<uint8_t>& uses, ProblemList& problems) {
  // One byte a symbol instead of a whole Symbol: this stays in the cache.
  std::vector<SymbolKind> kinds;
  kinds.reserve(object.symbols.size());
  for (const Symbol& symbol : object.symbols) kinds.push_back(symbol.kind);
  for (const RelocationSection& relocations : object.relocations) {
    if (problems.is_full()) return;
    RelocationVerifier(object, kinds, relocations, order, with_code_fields, uses).verify(problems);
  }
}

}  // namespace

bool is_symbol_kind_allowed(RelocationTarget target, SymbolKind kind) {
  switch (target) {
    case RelocationTarget::function_index:
    case RelocationTarget::table_index:
    case RelocationTarget::function_offset:
      return kind == SymbolKind::function;
    case RelocationTarget::memory_address:
      return kind == SymbolKind::data;
    case RelocationTarget::global_index:
      return kind == SymbolKind::global || kind == SymbolKind::data || kind == SymbolKind::function;
    case RelocationTarget::section_offset:
      return kind == SymbolKind::section;
    case RelocationTarget::tag_index:
      return kind == SymbolKind::tag;
    case RelocationTarget::table_number:
      return kind == SymbolKind::table;
    case RelocationTarget::type_index:
      return false;  // names no symbol
  }
  return false;
}

Result<std::vector<uint8_t>> verify_object(const Object& object, uint32_t order) {
  std::vector<uint8_t> uses(object.symbols.size(), 0);
  ProblemList problems(1);
  verify_all(object, order, /*with_code_fields=*/true, uses, problems);
  if (problems.is_full()) return tl::unexpected<Diagnostic>(std::move(problems.get().front()));
  return uses;
}

std::vector<Diagnostic> find_relocation_problems(const Object& object, size_t limit) {
  std::vector<uint8_t> uses(object.symbols.size(), 0);
  ProblemList problems(limit);
  verify_all(object, UINT32_MAX, /*with_code_fields=*/false, uses, problems);
  return std::move(problems.get());
}

}  // namespace wasmpack
