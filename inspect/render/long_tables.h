// The tables that may have millions of rows: sections, symbols, functions, segments, relocations.
// Each row is written as it is made, names in the last column; only numbers are measured first.
#pragma once

#include "inspect/facts/facts.h"
#include "inspect/render/text_fit.h"
#include "inspect/render/text_writer.h"

namespace wasmpack {

// Each prints an empty line, a title, headings and rows, and nothing if there are no rows.
void print_sections(TextWriter& out, const Facts& facts, const TextStyle& style);
void print_symbols(TextWriter& out, const Facts& facts, const TextStyle& style);
void print_functions(TextWriter& out, const Facts& facts, const TextStyle& style);
void print_segments(TextWriter& out, const Facts& facts, const TextStyle& style);

// For each section with relocations one table, its rows under the function or segment that they lie
// in: offset from the section's content, kind, symbol and addend. An entry that cannot be decoded
// ends its table and says so. The entries are decoded once, while they are printed.
void print_relocations(TextWriter& out, const Facts& facts, const TextStyle& style);

// A name as the last thing of a row of which `used` columns are written.
void write_last_name(TextWriter& out, std::string_view name, size_t used, const TextStyle& style);

// Whether the name can be shown as it is: printable ASCII, and not too long.
bool is_plain_name(std::string_view name);

}  // namespace wasmpack
