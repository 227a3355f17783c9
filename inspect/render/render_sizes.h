// Renders where the bytes go and why things are there: tables, CSV, JSON members.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/facts.h"
#include "inspect/facts/retained.h"
#include "inspect/facts/sizes.h"
#include "inspect/facts/why.h"
#include "inspect/render/json_writer.h"

namespace wasmpack {

// Rows of one file or archive.
struct SizeTable {
  std::string_view file;
  std::string_view owner;  // "section", "symbol", "library"
  std::vector<SizeRow> rows;
  uint64_t total = 0;  // the file's size, which is the rows' sum
};

// A table with each row's share, and the sum at its end. Of more than `most_rows` rows (0: no
// limit) the smallest are one row, "[1234 more]".
void render_size_table(llvm::raw_ostream& out, const SizeTable& table, size_t most_rows,
                       bool color);

// "Not reached: ..." in one line.
void render_unreached(llvm::raw_ostream& out, const UnreachedFact& unreached);

// Functions and data of a graph whose retained sizes are known, the largest first: what would go
// with them, and their own bytes.
void render_retained_table(llvm::raw_ostream& out, const GraphFacts& graph, uint64_t total,
                           size_t most_rows, bool color);

// The way from a root, a step a line.
void render_why(llvm::raw_ostream& out, const GraphFacts& graph, std::span<const WhyFact> answers);

// CSV by RFC 4180: lines end in CRLF, columns file, <owner>, bytes, share (percent with two
// decimals), items; the last line is "[total]". All rows, integers as they are. Control characters
// are escaped as in text; a name that a spreadsheet would take for a formula (it begins with `=`,
// `+`, `-` or `@`) gets a `'` before it.
void render_size_csv_heading(llvm::raw_ostream& out, std::string_view owner);
void render_size_csv(llvm::raw_ostream& out, const SizeTable& table);
// Columns file, symbol, kind, bytes, retained.
void render_retained_csv_heading(llvm::raw_ostream& out);
void render_retained_csv(llvm::raw_ostream& out, std::string_view file, const GraphFacts& graph);

// The member `sizes`, an array: by section always (`name`, `offset`, `size`), in file order; with
// symbols measured each item of the file (`library`, `offset`, `section`, `size`, `symbol`).
void write_sizes_json(JsonWriter& json, const Sizes& sizes);
// The member `unreached`: `bytes`, `items` (null if not known), `list` (for each `index`, `kind`,
// `name`, `size`), `reason`.
void write_unreached_json(JsonWriter& json, const GraphFacts& graph);
// The member `retained`, an array as of render_retained_table: `index`, `kind`, `name`, `retained`,
// `size`. Empty if nothing is known.
void write_retained_json(JsonWriter& json, const GraphFacts& graph);
// The member `why`: for each answer `name`, `kind`, `index`, `size`, `retained` (null if not known)
// and `path` (null if nothing reaches it; for each step `how`, `index`, `kind`, `name`).
void write_why_json(JsonWriter& json, const GraphFacts& graph, std::span<const WhyFact> answers);

}  // namespace wasmpack
