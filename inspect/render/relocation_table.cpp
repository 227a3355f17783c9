// The innermost loop of `inspect --relocs`: some 30 ns a row, of which most is copying names.

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "inspect/render/init_text.h"
#include "inspect/render/long_tables.h"
#include "inspect/render/relocation_chunks.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

constexpr size_t kKindRoom = 32;        // what is copied; the longest name has 29 characters
constexpr size_t kKindWidth = 28;       // of most names with two blanks; a longer one sticks out
constexpr size_t kMaxShownName = 4096;  // show_name() gives at most some bytes less
constexpr size_t kRowRoom = kMaxShownName + 128;
static_assert(kRowRoom <= TextWriter::kMaxReserve);

// Kind names and the blanks behind them, so that a row copies a constant number of bytes.
struct KindTexts {
  char text[kRelocationKinds][kKindRoom];
  uint8_t width[kRelocationKinds];
};
constexpr KindTexts make_kind_texts() {
  KindTexts texts{};
  for (unsigned kind = 0; kind < kRelocationKinds; ++kind) {
    const std::string_view name = relocation_table::kRelocationTable[kind].name;
    for (size_t i = 0; i < kKindRoom; ++i) texts.text[kind][i] = i < name.size() ? name[i] : ' ';
    texts.width[kind] = static_cast<uint8_t>(std::max(name.size() + 2, kKindWidth));
  }
  return texts;
}
constexpr KindTexts kKindTexts = make_kind_texts();

// What each symbol is shown as, by index.
class SymbolTexts {
 public:
  SymbolTexts(const Facts& facts, size_t room) {
    texts_.reserve(facts.symbols.size());
    for (const SymbolFact& symbol : facts.symbols) texts_.push_back(find_text(symbol, room));
  }
  // Null for an index that is out of range.
  const std::string_view* find(uint32_t symbol) const {
    return symbol < texts_.size() ? &texts_[symbol] : nullptr;
  }

 private:
  std::string_view find_text(const SymbolFact& symbol, size_t room) {
    const bool fits = room == 0 || symbol.name.size() <= room;
    if (fits && !symbol.name.empty() && is_plain_name(symbol.name)) return symbol.name;
    if (symbol.name.empty())
      made_.push_back("symbol " + std::to_string(texts_.size()));
    else
      made_.push_back(cut_middle(show_name(symbol.name), room));
    return made_.back();
  }

  std::vector<std::string_view> texts_;
  std::deque<std::string> made_;
};

class RelocationPrinter {
 public:
  RelocationPrinter(TextWriter& out, const Facts& facts, const TextStyle& style)
      : out_(out), facts_(facts), style_(style), symbols_(facts, name_room(style)) {}

  void print(const RelocationsFact& relocations) {
    const SectionFact& target = facts_.sections[relocations.target];
    out_.write('\n').write(style_.color ? "\x1b[1m" : "").write("Relocations of ");
    out_.write(show_name(target.name)).write(": ").write_number(relocations.count);
    out_.write(style_.color ? "\x1b[0m\n" : "\n");
    const unsigned digits = hex_digits(target.size);
    ChunkFinder chunks(facts_, relocations);
    RelocationReader reader(relocations.entries);
    size_t chunk = 0;
    bool is_first = chunks.kind() != ChunkKind::section;
    for (Relocation relocation; reader.next(relocation);) {
      const size_t found = chunks.find(chunks.base() + relocation.offset);
      if (found != chunk || is_first) [[unlikely]] {
        chunk = found;
        is_first = false;
        if (chunks.kind() != ChunkKind::section) print_chunk(chunks.kind(), chunk);
      }
      print_row(relocation, digits);
    }
    if (reader.failed()) out_.write("    the next entry is malformed\n");
  }

 private:
  static size_t name_room(const TextStyle& style) {
    constexpr size_t kBeforeName = 4 + 10 + 2 + kKindRoom;
    constexpr size_t kLeast = 16;
    if (style.width == 0) return 0;
    return style.width > kBeforeName + kLeast ? style.width - kBeforeName : kLeast;
  }

  void print_chunk(ChunkKind kind, size_t position) {
    out_.write("  ");
    if (position == ChunkFinder::kNone) {
      out_.write("outside of every ").write(chunk_kind_name(kind)).write('\n');
      return;
    }
    if (kind == ChunkKind::function) {
      out_.write("func ").write_number(facts_.functions[position].index).write("  ");
      write_last_name(out_, facts_.functions[position].name, 20, style_);
    } else {
      out_.write("segment ").write_number(position).write("  ");
      write_last_name(out_, facts_.segments[position].name, 20, style_);
    }
    out_.write('\n');
  }

  void print_row(const Relocation& relocation, unsigned digits) {
    char* at = out_.reserve(kRowRoom);
    at = TextWriter::format_text(at, "    ");
    at = TextWriter::format_hex(at, relocation.offset, digits);
    *at++ = ' ';
    *at++ = ' ';
    std::memcpy(at, kKindTexts.text[relocation.kind], kKindRoom);
    at += kKindTexts.width[relocation.kind];
    if (relocation.kind == kTypeIndexLeb) {
      at = TextWriter::format_text(at, "type ");
      at = TextWriter::format_number(at, relocation.index);
    } else if (const std::string_view* name = symbols_.find(relocation.index)) {
      at = TextWriter::format_text(at, *name);
    } else {
      at = TextWriter::format_text(at, "symbol ");
      at = TextWriter::format_number(at, relocation.index);
      at = TextWriter::format_text(at, " (out of range)");
    }
    if (relocation.addend != 0) at = format_addend(at, relocation.addend);
    *at++ = '\n';
    out_.advance(at);
  }

  static char* format_addend(char* at, int64_t addend) {
    at = TextWriter::format_text(at, addend < 0 ? " - " : " + ");
    const auto bits = static_cast<uint64_t>(addend);
    return TextWriter::format_number(at, addend < 0 ? 0 - bits : bits);
  }

  TextWriter& out_;
  const Facts& facts_;
  const TextStyle& style_;
  SymbolTexts symbols_;
};

}  // namespace

void print_relocations(TextWriter& out, const Facts& facts, const TextStyle& style) {
  if (facts.relocations.empty()) return;
  RelocationPrinter printer(out, facts, style);
  for (const RelocationsFact& relocations : facts.relocations) printer.print(relocations);
}

}  // namespace wasmpack
