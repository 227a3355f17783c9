#include "support/toml_text.h"

#include <string>

#include <llvm/Support/JSON.h>

#include "support/text_place.h"

namespace wasmpack {
namespace {

// The place of a byte: columns count bytes, as most editors' "go to" for ASCII text.
TextPlace place_of(std::string_view text, size_t offset) {
  TextPlace place = {1, 1};
  for (const char c : text.substr(0, offset)) {
    ++place.column;
    if (c == '\n') place = {place.line + 1, 1};
  }
  return place;
}

// The position behind the string that begins at `at` with a quote, or the end of the text. Knows
// the four kinds of TOML strings (TOML 1.0, "String").
size_t skip_string(std::string_view text, size_t at) {
  const char quote = text[at];
  const std::string triple(3, quote);
  const bool is_long = text.substr(at).starts_with(triple);
  const std::string_view end = is_long ? std::string_view(triple) : std::string_view(&quote, 1);
  for (at += end.size(); at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (!is_long && text[at] == '\n') {
      return at;  // not closed: the parser says so
    } else if (text.substr(at).starts_with(end)) {
      at += end.size();
      // A long string may end in one or two quotes of its own.
      for (int more = 0; is_long && more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
      return at;
    }
  }
  return text.size();
}

}  // namespace

Result<void> check_toml_text(Bytes bytes, std::string_view path, std::string_view what,
                             std::string_view id) {
  const std::string_view text = as_string(bytes);
  const auto refuse = [&](size_t offset, std::string message) {
    return fail(id, text_location(path, place_of(text, offset)), std::move(message));
  };
  if (text.size() > kTomlBytes) {
    return fail(id, {.file = std::string(path)},
                std::string(what) + " has at most 1 MiB, this file has " +
                    std::to_string(text.size()) + " bytes");
  }
  if (const size_t nul = text.find('\0'); nul != text.npos)
    return refuse(nul, std::string(what) + " is text: NUL byte");
  size_t wrong = 0;
  if (!llvm::json::isUTF8(llvm::StringRef(text.data(), text.size()), &wrong))
    return refuse(wrong, std::string(what) + " is UTF-8 text: wrong byte sequence");

  unsigned depth = 0;
  unsigned parts = 1;     // of the key (or number) being read
  size_t word_begin = 0;  // where its last word began
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    switch (c) {
      case '#':
        while (at < text.size() && text[at] != '\n') ++at;
        continue;
      case '"':
      case '\'':
        at = skip_string(text, at);
        word_begin = at;
        continue;
      case '.':
        if (++parts > kTomlKeyParts) {
          return refuse(
              at, "a key has at most " + std::to_string(kTomlKeyParts) + " parts between dots");
        }
        break;
      case '[':
      case '{':
        if (++depth > kTomlDepth) {
          return refuse(at, "values are nested more than " + std::to_string(kTomlDepth) + " deep");
        }
        [[fallthrough]];
      case ']':
      case '}':
        if ((c == ']' || c == '}') && depth > 0) --depth;
        [[fallthrough]];
      case '\n':
      case ',':
      case '=':
        parts = 1;
        word_begin = at + 1;
        break;
      case ' ':
      case '\t':
      case '\r':
        word_begin = at + 1;
        break;
      default:
        if (at - word_begin > kTomlKeyBytes) {
          return refuse(word_begin,
                        "a key or number has at most " + std::to_string(kTomlKeyBytes) + " bytes");
        }
    }
    ++at;
  }
  return {};
}

}  // namespace wasmpack
