#include "inspect/render/text_table.h"

#include <algorithm>
#include <utility>

namespace wasmpack {
namespace {

constexpr size_t kMaxColumnWidth = 48;  // a longer entry sticks out rather than widen its column
constexpr size_t kMinCutWidth = 8;      // no column is cut to less
constexpr std::string_view kGap = "  ";

}  // namespace

TextTable::TextTable(std::string title, std::vector<std::string> headings)
    : title_(std::move(title)) {
  for (std::string& heading : headings) {
    is_number_.push_back(heading.starts_with('>'));
    if (is_number_.back()) heading.erase(0, 1);
  }
  rows_.push_back(std::move(headings));
}

void TextTable::add_more(size_t count, std::string_view option) {
  if (count != 0)
    more_ = "and " + std::to_string(count) + " more (" + std::string(option) + " shows all)";
}

void TextTable::print(llvm::raw_ostream& out, const TextStyle& style) const {
  if (rows_.size() == 1) return;
  std::vector<size_t> widths = measure_columns();
  if (style.width != 0) shrink_columns(widths, style.width);
  out << '\n' << make_heading(title_, style) << '\n';
  for (const std::vector<std::string>& row : rows_) print_row(out, row, widths, style.width != 0);
  if (!more_.empty()) out << kGap.data() << more_ << '\n';
}

std::vector<size_t> TextTable::measure_columns() const {
  std::vector<size_t> widths(is_number_.size());
  for (size_t row = 1; row < rows_.size(); ++row) {
    for (size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], display_width(rows_[row][i]));
  }
  for (size_t i = 0; i < widths.size(); ++i)
    if (widths[i] != 0) widths[i] = std::max(widths[i], display_width(rows_[0][i]));
  return widths;
}

// Takes from the widest column of text until all fit.
void TextTable::shrink_columns(std::vector<size_t>& widths, size_t limit) const {
  size_t total = 0;
  for (const size_t width : widths)
    if (width != 0) total += width + kGap.size();
  while (total > limit) {
    size_t widest = widths.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      if (is_number_[i] || widths[i] <= kMinCutWidth) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) return;
    --widths[widest];
    --total;
  }
}

void TextTable::print_row(llvm::raw_ostream& out, const std::vector<std::string>& row,
                          const std::vector<size_t>& widths, bool is_cut) const {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string cell = is_cut && !is_number_[i] ? cut_middle(row[i], widths[i]) : row[i];
    const size_t width = is_cut ? widths[i] : std::min(widths[i], kMaxColumnWidth);
    const size_t used = display_width(cell);
    const std::string padding(width > used ? width - used : 0, ' ');
    line += kGap;
    line += is_number_[i] ? padding + cell : cell + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace wasmpack
