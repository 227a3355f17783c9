// Names of a bundle in the source text of a host language. They are arbitrary UTF-8 and nobody
// vouches for them, so nothing of them reaches a binding but through these functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasmpack {

// One identifier for each name, in the order of the names, none twice: [A-Za-z][A-Za-z0-9_]*. Any
// other character becomes '_', 'k' comes first where there is no letter, '_' last after one of the
// `reserved` words, and "_2", "_3", ... after one that is taken. Names that are identifiers as they
// are keep them, whatever the others are. `names` has no name twice.
std::vector<std::string> make_identifiers(std::span<const std::string_view> names,
                                          std::span<const std::string_view> reserved);

// `name` alone, cut to a sensible length: "@example/vision" is "k_example_vision", "" is "k".
std::string make_identifier(std::string_view name);

// String literals with their quotes, in ASCII.
std::string quote_c(std::string_view text);       // octal bytes; '?' escaped, so no trigraphs
std::string quote_rust(std::string_view text);    // \u{...}
std::string quote_script(std::string_view text);  // JavaScript: \uNNNN, surrogate pairs
std::string quote_python(std::string_view text);  // \xNN, \uNNNN, \UNNNNNNNN

// The lines of a text for comments. Controls and what reorders or breaks text on a screen is
// "<U+NNNN>", and nothing in a line can end or continue a comment of C, Rust, JavaScript or Python.
std::vector<std::string> comment_lines(std::string_view text);
// The same as one line, with line ends as "<U+000A>".
std::string comment_text(std::string_view text);

}  // namespace wasmpack
