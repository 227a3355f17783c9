// How wide text is on a terminal, and names that are cut to fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wasmpack {

// How text output looks; tools/terminal.h finds it out.
struct TextStyle {
  bool color = false;
  unsigned width = 0;  // columns of the terminal; 0: it is none, and nothing is cut to fit
};

// Columns that `text` takes: no control characters may be in it. Two for East Asian wide letters.
size_t display_width(std::string_view text);

// `text` in at most `width` columns: if it is wider its middle goes, since names of C++ and Rust
// differ at both ends. A width of 0 means any.
std::string cut_middle(std::string_view text, size_t width);

// `text` in the colour of an escape sequence ("\x1b[31m"), if there is colour.
std::string paint(std::string_view text, const char* code, const TextStyle& style);

// A heading, bold if there is colour.
std::string make_heading(std::string_view text, const TextStyle& style);

}  // namespace wasmpack
