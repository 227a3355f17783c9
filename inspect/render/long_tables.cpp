#include "inspect/render/long_tables.h"

#include <algorithm>
#include <array>
#include <string>

#include "inspect/render/init_text.h"

namespace wasmpack {
namespace {

constexpr size_t kPlainNameLimit = 1000;
constexpr size_t kLeastNameWidth = 10;  // no name is cut to less
constexpr unsigned kKindWidth = 8;      // of "function", the longest
constexpr size_t kFlagsKept = 1024;     // symbol flags below this have names

void write_title(TextWriter& out, std::string_view title, const TextStyle& style) {
  out.write('\n').write(make_heading(title, style)).write('\n');
}

// A number, or blanks in its place.
template <class T>
void write_optional(TextWriter& out, const std::optional<T>& value, unsigned width) {
  if (value)
    out.write_number(*value, width);
  else
    out.write_spaces(width);
}

void write_right(TextWriter& out, std::string_view text, unsigned width) {
  out.write_spaces(width > text.size() ? width - text.size() : 0).write(text);
}

// The width of a column with that heading whose largest number is `value`.
unsigned number_width(std::string_view heading, uint64_t value) {
  return std::max(static_cast<unsigned>(heading.size()), decimal_digits(value));
}

// "0x" and its digits.
unsigned hex_width(std::string_view heading, uint64_t value) {
  return std::max(static_cast<unsigned>(heading.size()), 2 + hex_digits(value));
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// The words of symbol flags, rendered once for each value that occurs.
class FlagTexts {
 public:
  const std::string& find(uint32_t flags) {
    if (flags >= kFlagsKept) return other_ = join(symbol_flag_words(flags));
    if (!is_known_[flags]) {
      is_known_[flags] = true;
      texts_[flags] = join(symbol_flag_words(flags));
    }
    return texts_[flags];
  }

 private:
  std::array<std::string, kFlagsKept> texts_;
  std::array<bool, kFlagsKept> is_known_{};
  std::string other_;
};

void write_symbol_place(TextWriter& out, const SymbolFact& symbol) {
  if (!symbol.offset) return;
  if (symbol.segment)
    out.write(" (segment ").write_number(*symbol.segment).write(" + ");
  else
    out.write(" (address ");
  out.write_hex(*symbol.offset).write(')');
}

// Columns that write_symbol_place() takes.
size_t symbol_place_width(const SymbolFact& symbol) {
  if (!symbol.offset) return 0;
  const size_t prefix = symbol.segment
                            ? sizeof " (segment  + " - 1 + decimal_digits(*symbol.segment)
                            : sizeof " (address " - 1;
  return prefix + 2 + hex_digits(*symbol.offset) + 1;
}

}  // namespace

bool is_plain_name(std::string_view name) {
  if (name.size() > kPlainNameLimit) return false;
  unsigned bad = 0;
  for (const char character : name)
    bad |= static_cast<unsigned char>(character - 0x20) > 0x7e - 0x20 ? 1U : 0U;
  return bad == 0;
}

void write_last_name(TextWriter& out, std::string_view name, size_t used, const TextStyle& style) {
  const bool is_limited = style.width != 0;
  const size_t room = style.width > used + kLeastNameWidth ? style.width - used : kLeastNameWidth;
  if (is_plain_name(name) && (!is_limited || name.size() <= room)) {
    out.write(name);
    return;
  }
  const std::string shown = show_name(name);
  out.write(is_limited ? cut_middle(shown, room) : shown);
}

void print_sections(TextWriter& out, const Facts& facts, const TextStyle& style) {
  if (facts.sections.empty()) return;
  uint64_t most_relocations = 0;
  for (const SectionFact& section : facts.sections)
    most_relocations = std::max<uint64_t>(most_relocations, section.relocations.value_or(0));
  const unsigned offset = hex_width("offset", facts.size);
  const unsigned size = number_width("size", facts.size);
  const unsigned relocations = number_width("relocations", most_relocations);
  write_title(out, "Sections", style);
  out.write("  ");
  write_right(out, "offset", offset);
  out.write("  ");
  write_right(out, "size", size);
  out.write("  ");
  if (most_relocations != 0) out.write("relocations  ");
  out.write("name\n");
  for (const SectionFact& section : facts.sections) {
    out.write("  ").write_spaces(offset - 2 - hex_digits(section.offset)).write_hex(section.offset);
    out.write("  ").write_number(section.size, size).write("  ");
    size_t used = 2 + offset + 2 + size + 2;
    if (most_relocations != 0) {
      write_optional(out, section.relocations, relocations);
      out.write("  ");
      used += relocations + 2;
    }
    write_last_name(out, section.name, used, style);
    out.write('\n');
  }
}

void print_symbols(TextWriter& out, const Facts& facts, const TextStyle& style) {
  if (facts.symbols.empty()) return;
  uint64_t most_index = 0;
  uint64_t most_size = 0;
  size_t flags_width = sizeof "flags" - 1;
  FlagTexts flag_texts;
  for (const SymbolFact& symbol : facts.symbols) {
    most_index = std::max<uint64_t>(most_index, symbol.index.value_or(0));
    most_size = std::max(most_size, symbol.size.value_or(0));
    flags_width = std::max(flags_width, flag_texts.find(symbol.flags).size());
  }
  const unsigned index = number_width("index", most_index);
  const unsigned size = number_width("size", most_size);
  write_title(out, "Symbols", style);
  out.write("  kind      ");
  write_right(out, "index", index);
  out.write("  ");
  write_right(out, "size", size);
  out.write("  ").write_padded("flags", flags_width).write("  name\n");
  const size_t before_name = 2 + kKindWidth + 2 + index + 2 + size + 2 + flags_width + 2;
  for (const SymbolFact& symbol : facts.symbols) {
    out.write("  ").write_padded(symbol_kind_name(symbol.kind), kKindWidth).write("  ");
    write_optional(out, symbol.index, index);
    out.write("  ");
    write_optional(out, symbol.size, size);
    out.write("  ").write_padded(flag_texts.find(symbol.flags), flags_width).write("  ");
    // A narrow terminal has no room for both; the name is what one looks for.
    const size_t place = symbol_place_width(symbol);
    const bool has_room = style.width == 0 || style.width >= before_name + place + kLeastNameWidth;
    write_last_name(out, symbol.name, before_name + (has_room ? place : 0), style);
    if (has_room) write_symbol_place(out, symbol);
    out.write('\n');
  }
}

void print_functions(TextWriter& out, const Facts& facts, const TextStyle& style) {
  if (facts.functions.empty()) return;
  uint64_t most_size = 0;
  size_t type_width = sizeof "type" - 1;
  constexpr size_t kMaxTypeWidth = 32;  // a longer one sticks out
  for (const FunctionFact& function : facts.functions) {
    most_size = std::max(most_size, function.size);
    type_width = std::max(type_width, std::min(function.type.size(), kMaxTypeWidth));
  }
  const unsigned index = number_width("index", facts.functions.back().index);
  const unsigned offset = hex_width("offset", facts.size);
  const unsigned size = number_width("size", most_size);
  write_title(out, "Functions", style);
  out.write("  ");
  write_right(out, "index", index);
  out.write("  ");
  write_right(out, "offset", offset);
  out.write("  ");
  write_right(out, "size", size);
  out.write("  ").write_padded("type", type_width).write("  name\n");
  const size_t before_name = 2 + index + 2 + offset + 2 + size + 2 + type_width + 2;
  for (const FunctionFact& function : facts.functions) {
    out.write("  ").write_number(function.index, index);
    out.write("  ").write_spaces(offset - 2 - hex_digits(function.offset));
    out.write_hex(function.offset).write("  ").write_number(function.size, size).write("  ");
    const bool is_cut = style.width != 0 && function.type.size() > type_width;
    if (is_cut)
      out.write(cut_middle(show_name(function.type), type_width));
    else if (is_plain_name(function.type))
      out.write_padded(function.type, type_width);
    else
      out.write(show_name(function.type));
    out.write("  ");
    write_last_name(out, function.name, before_name, style);
    out.write('\n');
  }
}

void print_segments(TextWriter& out, const Facts& facts, const TextStyle& style) {
  if (facts.segments.empty()) return;
  uint64_t most_size = 0;
  uint64_t most_alignment = 0;
  bool has_flags = false;
  size_t flags_width = sizeof "flags" - 1;
  for (const SegmentFact& segment : facts.segments) {
    most_size = std::max(most_size, segment.size);
    most_alignment = std::max(most_alignment, segment.alignment);
    if (segment.flags == 0) continue;
    has_flags = true;
    flags_width = std::max(flags_width, join(segment_flag_words(segment.flags)).size());
  }
  const unsigned index = number_width("index", facts.segments.size());
  const unsigned offset = hex_width("offset", facts.size);
  const unsigned size = number_width("size", most_size);
  const unsigned alignment = number_width("align", most_alignment);
  constexpr unsigned kAddressWidth = 10;
  write_title(out, "Segments", style);
  out.write("  ");
  write_right(out, "index", index);
  out.write("  ");
  write_right(out, "offset", offset);
  out.write("  ");
  write_right(out, "size", size);
  out.write("  ");
  write_right(out, "align", alignment);
  out.write("  ");
  write_right(out, "address", kAddressWidth);
  out.write("  ");
  if (has_flags) out.write_padded("flags", flags_width).write("  ");
  out.write("name\n");
  const size_t before_name = 2 + index + 2 + offset + 2 + size + 2 + alignment + 2 + kAddressWidth +
                             2 + (has_flags ? flags_width + 2 : 0);
  for (size_t i = 0; i < facts.segments.size(); ++i) {
    const SegmentFact& segment = facts.segments[i];
    out.write("  ").write_number(i, index);
    out.write("  ").write_spaces(offset - 2 - hex_digits(segment.offset));
    out.write_hex(segment.offset).write("  ").write_number(segment.size, size);
    out.write("  ").write_number(segment.alignment, alignment).write("  ");
    const std::string address = segment.is_passive ? "passive"
                                : segment.address  ? std::to_string(*segment.address)
                                                   : "?";
    write_right(out, address, kAddressWidth);
    out.write("  ");
    if (has_flags)
      out.write_padded(join(segment_flag_words(segment.flags)), flags_width).write("  ");
    write_last_name(out, segment.name, before_name, style);
    out.write('\n');
  }
}

}  // namespace wasmpack
