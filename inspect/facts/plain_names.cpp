#include "inspect/facts/plain_names.h"

#include <algorithm>
#include <cstddef>

#include "inspect/facts/rust_crate.h"

namespace wasmpack {
namespace {

// Rust's legacy escapes in an identifier.
std::string decode_rust(std::string_view identifier) {
  struct Escape {
    std::string_view code, text;
  };
  constexpr Escape escapes[] = {{"$LT$", "<"},  {"$GT$", ">"},  {"$LP$", "("},  {"$RP$", ")"},
                                {"$RF$", "&"},  {"$BP$", "*"},  {"$C$", ","},   {"$SP$", "@"},
                                {"$u20$", " "}, {"$u5b$", "["}, {"$u5d$", "]"}, {"$u7b$", "{"},
                                {"$u7d$", "}"}, {"$u3b$", ";"}, {"$u2b$", "+"}, {"$u27$", "'"},
                                {"..", "::"}};
  if (identifier.starts_with("_$")) identifier.remove_prefix(1);
  std::string text;
  while (!identifier.empty()) {
    const auto* escape = std::ranges::find_if(
        escapes, [&](const Escape& entry) { return identifier.starts_with(entry.code); });
    if (escape == std::end(escapes)) {
      text += identifier.front();
      identifier.remove_prefix(1);
    } else {
      text += escape->text;
      identifier.remove_prefix(escape->code.size());
    }
  }
  return text;
}

void add_part(std::string& path, std::string_view part) {
  if (!path.empty()) path += "::";
  path += part;
}

// `rest` is what follows `_Z`.
std::string demangle_itanium(std::string_view rest, bool is_rust) {
  const bool is_nested = rest.starts_with('N');
  if (is_nested) rest.remove_prefix(1);
  while (is_nested && !rest.empty() &&
         std::string_view("rVKRO").find(rest[0]) != std::string_view::npos)
    rest.remove_prefix(1);
  std::string path;
  std::string_view last;
  if (rest.starts_with("St")) {
    add_part(path, "std");
    rest.remove_prefix(2);
  }
  while (!rest.empty()) {
    if (rest[0] == 'L') rest.remove_prefix(1);  // internal linkage
    if (rest.starts_with("C1") || rest.starts_with("C2")) {
      add_part(path, last);
      return rest.substr(2).starts_with('E') ? path : std::string();
    }
    if (rest.starts_with("D0") || rest.starts_with("D1") || rest.starts_with("D2")) {
      add_part(path, '~' + std::string(last));
      return rest.substr(2).starts_with('E') ? path : std::string();
    }
    last = take_mangled_identifier(rest, /*has_separator=*/false);
    if (last.empty()) return {};
    if (is_rust && rest == "E") return path;  // that was the hash
    if (is_rust)
      add_part(path, decode_rust(last));
    else
      add_part(path, last.starts_with("_GLOBAL__N") ? "(anonymous namespace)" : last);
    if (!is_nested) return rest.starts_with('I') ? std::string() : path;
    if (rest.starts_with('E')) return path;
  }
  return {};
}

// `rest` is what follows `_R`.
std::string demangle_v0(std::string_view rest) {
  size_t depth = 0;
  while (rest.size() > 1 && rest[0] == 'N') {
    rest.remove_prefix(2);
    ++depth;
  }
  if (!rest.starts_with('C')) return {};
  rest.remove_prefix(1);
  std::string path;
  for (size_t i = 0; i <= depth; ++i) {
    if (rest.starts_with('s')) {  // a disambiguator
      const size_t end = rest.find('_');
      if (end == std::string_view::npos) return {};
      rest.remove_prefix(end + 1);
    }
    const std::string_view identifier = take_mangled_identifier(rest, /*has_separator=*/true);
    if (identifier.empty()) return {};
    add_part(path, identifier);
  }
  return path;
}

}  // namespace

std::string demangle_plain_name(std::string_view mangled) {
  if (mangled.starts_with("_R")) return demangle_v0(mangled.substr(2));
  if (!mangled.starts_with("_Z")) return {};
  return demangle_itanium(mangled.substr(2), !find_rust_crate(mangled).empty());
}

bool is_plain_name_of(std::string_view written, std::string_view mangled) {
  if (!mangled.starts_with("_Z") && !mangled.starts_with("_R")) return false;
  const std::string plain = demangle_plain_name(mangled);
  if (plain.empty()) return false;
  if (written == plain) return true;
  return written.starts_with(plain) && written.substr(plain.size()).starts_with('(');
}

}  // namespace wasmpack
