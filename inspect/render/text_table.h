// A table for people, of some thousand rows at most: columns are as wide as they must be, and on a
// terminal no wider than it. Long listings have their own writers (long_tables.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>

#include "inspect/render/text_fit.h"

namespace wasmpack {

class TextTable {
 public:
  // A heading that begins with '>' is of a column of numbers, which stand at its right and are
  // never cut.
  TextTable(std::string title, std::vector<std::string> headings);

  // One cell a column, with control characters escaped.
  void add_row(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // What the table would have shown besides its rows: "and 7 more (--exports shows all)".
  void add_more(size_t count, std::string_view option);

  // An empty line, title, headings, rows; nothing if no row was added. Columns that hold nothing at
  // all are left out.
  void print(llvm::raw_ostream& out, const TextStyle& style) const;

 private:
  // 0 for a column that is left out.
  std::vector<size_t> measure_columns() const;
  void shrink_columns(std::vector<size_t>& widths, size_t limit) const;
  void print_row(llvm::raw_ostream& out, const std::vector<std::string>& row,
                 const std::vector<size_t>& widths, bool is_cut) const;

  std::string title_;
  std::vector<bool> is_number_;
  std::vector<std::vector<std::string>> rows_;  // the headings first
  std::string more_;
};

}  // namespace wasmpack
