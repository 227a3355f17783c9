#include "inspect/facts/rust_crate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace wasmpack {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// ---- Legacy: _ZN <identifiers> 17h<16 hexadecimal digits> E -------------------------------------

bool is_hash(std::string_view identifier) {
  return identifier.size() == 17 && identifier[0] == 'h' &&
         std::ranges::all_of(identifier.substr(1),
                             [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// The crate that an implementation stands in, from its header `_$LT$A$u20$as$u20$B$GT$`. `$..$` is
// an escaped character, `..` is `::`.
std::string_view find_crate_in_header(std::string_view header) {
  constexpr std::string_view standard[] = {"core", "alloc", "std"};  // each knows those before it
  size_t highest = 0;                                                // 1 more than its position
  std::string_view other;
  bool is_path_start = true;
  for (size_t at = 0; at < header.size();) {
    if (header[at] == '$') {
      const size_t end = header.find('$', at + 1);
      at = end == std::string_view::npos ? header.size() : end + 1;
      is_path_start = true;
    } else if (!is_identifier_character(header[at])) {
      is_path_start = false;
      ++at;
    } else {
      size_t end = at;
      while (end < header.size() && is_identifier_character(header[end])) ++end;
      const std::string_view word = header.substr(at, end - at);
      at = end;
      if (!is_path_start || !header.substr(at).starts_with("..")) continue;
      const size_t rank = static_cast<size_t>(std::ranges::find(standard, word) - standard);
      if (rank < std::size(standard))
        highest = std::max(highest, rank + 1);
      else if (other.empty() || other == word)
        other = word;
      else
        return {};
    }
  }
  if (!other.empty()) return other;
  // The views of the table would do, but the result is promised to be one of the name.
  return highest == 0
             ? std::string_view()
             : header.substr(header.find(standard[highest - 1]), standard[highest - 1].size());
}

std::string_view find_legacy_crate(std::string_view path) {
  std::string_view first, last;
  while (!path.empty() && is_digit(path[0])) {
    last = take_mangled_identifier(path, /*has_separator=*/false);
    if (last.empty()) return {};
    if (first.empty()) first = last;
  }
  if (!path.starts_with('E') || !is_hash(last) || first.data() == last.data()) return {};
  return first.starts_with("_$") || first.starts_with('$') ? find_crate_in_header(first) : first;
}

// ---- v0: _R <path> ------------------------------------------------------------------------------

// Takes `_` or digits of base 62 and `_` off the front; false if neither stands there.
bool take_base62(std::string_view& text, uint64_t& value) {
  value = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '_') {
      value = at == 0 ? 0 : value + 1;
      text.remove_prefix(at + 1);
      return true;
    }
    if (at >= 12 || !is_identifier_character(c)) return false;  // 64 bits are 11 digits
    const int digit = is_digit(c) ? c - '0' : c >= 'a' ? c - 'a' + 10 : c - 'A' + 36;
    value = value * 62 + static_cast<uint64_t>(digit);
  }
  return false;
}

// `name` is without the `_R`: back references count from there.
std::string_view find_v0_crate(std::string_view name) {
  std::string_view rest = name;
  while (!rest.empty() && is_digit(rest[0])) rest.remove_prefix(1);  // version of the encoding
  size_t bound = name.size();  // each back reference leads further to the front
  uint64_t number = 0;
  while (!rest.empty()) {
    const char tag = rest[0];
    rest.remove_prefix(1);
    switch (tag) {
      case 'N':  // namespace, path, identifier
        if (rest.empty()) return {};
        rest.remove_prefix(1);
        break;
      case 'I':  // path with generic arguments
        break;
      case 'M':  // implementations: the path of what they stand in comes first
      case 'X':
        if (rest.starts_with('s')) {
          rest.remove_prefix(1);
          if (!take_base62(rest, number)) return {};
        }
        break;
      case 'B': {
        const size_t at = name.size() - rest.size() - 1;
        if (!take_base62(rest, number) || number >= at || number >= bound) return {};
        bound = number;
        rest = name.substr(number);
        break;
      }
      case 'C': {
        if (rest.starts_with('s')) {
          rest.remove_prefix(1);
          if (!take_base62(rest, number)) return {};
        }
        if (rest.starts_with('u')) rest.remove_prefix(1);  // Punycode
        return take_mangled_identifier(rest, /*has_separator=*/true);
      }
      default:
        return {};
    }
  }
  return {};
}

}  // namespace

std::string_view take_mangled_identifier(std::string_view& text, bool has_separator) {
  size_t length = 0;
  size_t at = 0;
  for (; at < text.size() && is_digit(text[at]) && length <= text.size(); ++at)
    length = length * 10 + static_cast<size_t>(text[at] - '0');
  if (at == 0) return {};
  if (has_separator && text.substr(at).starts_with('_')) ++at;
  if (length > text.size() - at) return {};
  const std::string_view identifier = text.substr(at, length);
  text.remove_prefix(at + length);
  return identifier;
}

std::string_view find_rust_crate(std::string_view symbol) {
  if (symbol.starts_with("_ZN")) return find_legacy_crate(symbol.substr(3));
  if (symbol.starts_with("_R")) return find_v0_crate(symbol.substr(2));
  return {};
}

}  // namespace wasmpack
