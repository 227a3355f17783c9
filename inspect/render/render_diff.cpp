// The text of a comparison of two versions of a file.

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/render/init_text.h"
#include "inspect/render/render_compare.h"
#include "inspect/render/summary_text.h"
#include "inspect/render/text_table.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

constexpr size_t kMostSizesShown = 20;  // of each owner; JSON has all

constexpr const char* kRed = "\x1b[31m";
constexpr const char* kGreen = "\x1b[32m";

// "2 exports removed", with the noun of the group.
std::string count_text(size_t count, DifferenceGroup group, ChangeKind change) {
  constexpr std::array<std::array<std::string_view, 2>, 9> nouns = {{
      {"property of the file", "properties of the file"},
      {"export", "exports"},
      {"import", "imports"},
      {"kernel", "kernels"},
      {"symbol", "symbols"},
      {"undefined symbol", "undefined symbols"},
      {"memory or table", "memories or tables"},
      {"feature", "features"},
      {"constructor fact", "constructor facts"},
  }};
  return std::to_string(count) + ' ' +
         std::string(nouns[static_cast<size_t>(group)][count == 1 ? 0 : 1]) + ' ' +
         std::string(change_kind_name(change));
}

// The differences are sorted by group and change.
std::string summarize(const std::vector<Difference>& differences, bool breaks) {
  std::string text;
  for (size_t i = 0; i < differences.size();) {
    const Difference& first = differences[i];
    size_t count = 0;
    for (; i < differences.size() && differences[i].group == first.group &&
           differences[i].change == first.change;
         ++i)
      if (differences[i].is_break == breaks) ++count;
    if (count > 0)
      text += (text.empty() ? "" : ", ") + count_text(count, first.group, first.change);
  }
  return text;
}

void print_verdict(llvm::raw_ostream& out, const Comparison& comparison, const TextStyle& style) {
  const std::string breaks = summarize(comparison.differences, true);
  const std::string others = summarize(comparison.differences, false);
  if (!breaks.empty()) {
    out << paint("ABI break", kRed, style) << ": " << breaks << '\n';
    if (!others.empty()) out << "besides: " << others << '\n';
  } else if (!others.empty()) {
    out << paint("no ABI break", kGreen, style) << ": " << others << '\n';
  } else {
    out << paint("no ABI break", kGreen, style) << ": "
        << (comparison.is_same_file    ? "the files are the same, byte for byte"
            : comparison.sizes.empty() ? "same interface and sizes, but other bytes"
                                       : "same interface, but other code or data")
        << '\n';
  }
}

// "+55"
std::string change_text(uint64_t old_size, uint64_t new_size) {
  return new_size >= old_size ? '+' + std::to_string(new_size - old_size)
                              : '-' + std::to_string(old_size - new_size);
}

// "+8.5%"; nothing if there was nothing before.
std::string percent_text(uint64_t old_size, uint64_t new_size) {
  if (old_size == 0) return {};
  const double change = static_cast<double>(new_size) - static_cast<double>(old_size);
  char percent[48];
  std::snprintf(percent, sizeof percent, "%+.1f%%", 100.0 * change / static_cast<double>(old_size));
  return percent;
}

std::string kind_text(const ComparedFile& file) {
  if (!file.is_archive) return std::string(wasm_kind_name(file.members[0].kind));
  return "archive of " + plural(file.members.size(), "member");
}

void print_files(llvm::raw_ostream& out, const ComparedFile& old_file,
                 const ComparedFile& new_file) {
  out << "  old  " << escape_controls(old_file.path) << ": " << kind_text(old_file) << ", "
      << old_file.size << " bytes\n";
  out << "  new  " << escape_controls(new_file.path) << ": " << kind_text(new_file) << ", "
      << new_file.size << " bytes";
  if (old_file.size != new_file.size)
    out << " (" << change_text(old_file.size, new_file.size) << ", "
        << percent_text(old_file.size, new_file.size) << ')';
  out << '\n';
}

std::string difference_line(const Difference& difference, const TextStyle& style) {
  constexpr char signs[] = "-+~";
  std::string line = "  ";
  line += signs[static_cast<size_t>(difference.change)];
  line += ' ';
  if (!difference.module.empty()) line += show_name(difference.module) + '.';
  line += show_name(difference.name);
  line += ": ";
  if (difference.change == ChangeKind::changed)
    line += show_name(difference.old_value) + "  ->  " + show_name(difference.new_value);
  else
    line += show_name(difference.change == ChangeKind::removed ? difference.old_value
                                                               : difference.new_value);
  if (difference.is_break) line += "  " + paint("BREAK", kRed, style);
  if (!difference.reason.empty())
    line += (difference.is_break ? ": " : "  (") + std::string(difference.reason) +
            (difference.is_break ? "" : ")");
  return line;
}

void print_differences(llvm::raw_ostream& out, const Comparison& comparison,
                       const TextStyle& style) {
  const Difference* last = nullptr;
  for (const Difference& difference : comparison.differences) {
    if (last == nullptr || last->group != difference.group) {
      std::string title(difference_group_name(difference.group));
      title[0] = static_cast<char>(title[0] - 'a' + 'A');
      out << '\n' << make_heading(title, style) << '\n';
    }
    last = &difference;
    out << difference_line(difference, style) << '\n';
  }
}

// Largest changes come first.
void print_sizes(llvm::raw_ostream& out, const Comparison& comparison, SizeOwner owner,
                 const TextStyle& style) {
  TextTable table("Bytes by " + std::string(size_owner_name(owner)),
                  {">old", ">new", ">change", ">", "name"});
  size_t count = 0;
  for (const SizeDifference& row : comparison.sizes) {
    if (row.owner != owner || ++count > kMostSizesShown) continue;
    const uint64_t before = row.old_size.value_or(0);
    const uint64_t after = row.new_size.value_or(0);
    const std::string percent = !row.new_size   ? "gone"
                                : !row.old_size ? "new"
                                                : percent_text(before, after);
    table.add_row({std::to_string(before), std::to_string(after), change_text(before, after),
                   percent, show_name(row.name)});
  }
  if (count > kMostSizesShown) table.add_more(count - kMostSizesShown, "--json");
  table.print(out, style);
}

}  // namespace

void render_diff_text(llvm::raw_ostream& out, const ComparedFile& old_file,
                      const ComparedFile& new_file, const Comparison& comparison,
                      const TextStyle& style) {
  print_verdict(out, comparison, style);
  print_files(out, old_file, new_file);
  print_differences(out, comparison, style);
  for (const SizeOwner owner : {SizeOwner::section, SizeOwner::library, SizeOwner::symbol})
    print_sizes(out, comparison, owner, style);
}

}  // namespace wasmpack
