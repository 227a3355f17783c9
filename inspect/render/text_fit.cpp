#include "inspect/render/text_fit.h"

#include <algorithm>

#include <llvm/Support/Unicode.h>

namespace wasmpack {
namespace {

constexpr std::string_view kEllipsis = "\u2026";  // one column

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

// Bytes from the start of `text` that take at most `width` columns.
size_t fit_prefix(std::string_view text, size_t width) {
  size_t end = 0;
  size_t used = 0;
  while (end < text.size()) {
    size_t next = end + 1;
    while (next < text.size() && is_continuation(text[next])) ++next;
    used += display_width(text.substr(end, next - end));
    if (used > width) break;
    end = next;
  }
  return end;
}

size_t fit_suffix(std::string_view text, size_t width) {
  size_t begin = text.size();
  size_t used = 0;
  while (begin > 0) {
    size_t next = begin - 1;
    while (next > 0 && is_continuation(text[next])) --next;
    used += display_width(text.substr(next, begin - next));
    if (used > width) break;
    begin = next;
  }
  return begin;
}

}  // namespace

size_t display_width(std::string_view text) {
  const bool is_ascii = std::ranges::all_of(text, [](char byte) { return (byte & 0x80) == 0; });
  if (is_ascii) return text.size();
  const int width = llvm::sys::unicode::columnWidthUTF8({text.data(), text.size()});
  return width >= 0 ? static_cast<size_t>(width) : count_code_points(text);
}

std::string cut_middle(std::string_view text, size_t width) {
  if (width == 0 || display_width(text) <= width) return std::string(text);
  const size_t left = width / 2;
  const size_t right = width - left - 1;
  std::string cut(text.substr(0, fit_prefix(text, left)));
  cut += kEllipsis;
  cut += text.substr(fit_suffix(text, right));
  return cut;
}

std::string paint(std::string_view text, const char* code, const TextStyle& style) {
  return style.color ? code + std::string(text) + "\x1b[0m" : std::string(text);
}

std::string make_heading(std::string_view text, const TextStyle& style) {
  return paint(text, "\x1b[1m", style);
}

}  // namespace wasmpack
