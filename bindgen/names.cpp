#include "bindgen/names.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace wasmpack {
namespace {

constexpr size_t kMaxIdentifier = 200;
constexpr uint32_t kReplacement = 0xfffd;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }
bool is_printable(uint32_t c) { return c >= 0x20 && c < 0x7f; }

// Takes one code point from the front; a byte that begins none is U+FFFD.
uint32_t take_code_point(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  uint32_t code = length < 2 ? first : first & (0x7fu >> length);
  bool is_valid = length != 0 && length <= text.size();
  for (size_t i = 1; is_valid && i < length; ++i) {
    is_valid = (byte(i) & 0xc0) == 0x80;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  if (!is_valid || is_surrogate || code > 0x10ffff) {
    text.remove_prefix(1);
    return kReplacement;
  }
  text.remove_prefix(length);
  return code;
}

std::string hex(uint32_t value, int digits) {
  char text[16];
  std::snprintf(text, sizeof(text), "%0*X", digits, value);
  return text;
}

// `escape(code point)` gives the text of what is not printable ASCII.
template <class Escape>
std::string quote(std::string_view text, Escape escape) {
  std::string out = "\"";
  while (!text.empty()) {
    const uint32_t code = take_code_point(text);
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (is_printable(code)) {
      out += static_cast<char>(code);
    } else {
      out += escape(code);
    }
  }
  return out + '"';
}

// Line and paragraph separators, marks of direction, what has no width: a reader, a terminal or a
// compiler sees something else than what is there.
bool is_deceptive(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xffff) ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

// What begins, ends or continues a comment somewhere is broken by a blank: "*/" and "/*", "??/"
// (a backslash to C), and a backslash at the end of a line.
std::string break_comment_marks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char last = out.empty() ? '\0' : out.back();
    if ((last == '*' && c == '/') || (last == '/' && c == '*') || (last == '?' && c == '?'))
      out += ' ';
    out += c;
  }
  if (out.ends_with('\\')) out += '.';
  return out;
}

}  // namespace

std::string make_identifier(std::string_view name) {
  std::string out;
  while (!name.empty() && out.size() < kMaxIdentifier) {
    const uint32_t code = take_code_point(name);
    const char c = is_printable(code) ? static_cast<char>(code) : '_';
    out += is_word(c) ? c : '_';
  }
  if (out.empty() || !is_letter(out[0])) out.insert(0, "k");
  return out;
}

std::vector<std::string> make_identifiers(std::span<const std::string_view> names,
                                          std::span<const std::string_view> reserved) {
  std::vector<std::string> wanted;
  std::unordered_set<std::string> taken;
  for (const std::string_view name : names) {
    std::string identifier = make_identifier(name);
    if (std::ranges::find(reserved, identifier) != reserved.end()) identifier += '_';
    if (identifier == name) taken.insert(identifier);
    wanted.push_back(std::move(identifier));
  }
  std::unordered_map<std::string, uint32_t> next;  // number to try, by the identifier wanted
  for (size_t i = 0; i < names.size(); ++i) {
    if (wanted[i] == names[i]) continue;
    std::string identifier = wanted[i];
    uint32_t& number = next.try_emplace(identifier, 2).first->second;
    while (!taken.insert(identifier).second)
      identifier = wanted[i] + "_" + std::to_string(number++);
    wanted[i] = std::move(identifier);
  }
  return wanted;
}

std::string quote_c(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '?') {
      out += '\\';
      out += c;
    } else if (is_printable(static_cast<uint8_t>(c))) {
      out += c;
    } else {
      char octal[8];
      std::snprintf(octal, sizeof(octal), "\\%03o", static_cast<uint8_t>(c));
      out += octal;
    }
  }
  return out + '"';
}

std::string quote_rust(std::string_view text) {
  return quote(text, [](uint32_t code) { return "\\u{" + hex(code, 1) + "}"; });
}

std::string quote_script(std::string_view text) {
  return quote(text, [](uint32_t code) {
    if (code < 0x10000) return "\\u" + hex(code, 4);
    code -= 0x10000;
    return "\\u" + hex(0xd800 + (code >> 10), 4) + "\\u" + hex(0xdc00 + (code & 0x3ff), 4);
  });
}

std::string quote_python(std::string_view text) {
  return quote(text, [](uint32_t code) {
    if (code < 0x100) return "\\x" + hex(code, 2);
    return code < 0x10000 ? "\\u" + hex(code, 4) : "\\U" + hex(code, 8);
  });
}

std::string comment_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const uint32_t code = take_code_point(text);
    if (is_deceptive(code))
      out += "<U+" + hex(code, 4) + ">";
    else
      out += before.substr(0, before.size() - text.size());
  }
  return break_comment_marks(out);
}

std::vector<std::string> comment_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(comment_text(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace wasmpack
