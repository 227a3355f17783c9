// The text of a comparison of two versions of a file.

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/render/init_text.h"
#include "inspect/render/render_compare.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

constexpr size_t kMostSizesShown = 20;  // of functions and of data; JSON has all

constexpr const char* kBold = "\x1b[1m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kPlain = "\x1b[0m";

std::string painted(const std::string& text, const char* code, bool color) {
  return color ? code + text + kPlain : text;
}

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

void print_verdict(llvm::raw_ostream& out, const Comparison& comparison, bool color) {
  const std::string breaks = summarize(comparison.differences, true);
  const std::string others = summarize(comparison.differences, false);
  if (!breaks.empty()) {
    out << painted("ABI break", kRed, color) << ": " << breaks << '\n';
    if (!others.empty()) out << "besides: " << others << '\n';
  } else if (!others.empty()) {
    out << painted("no ABI break", kGreen, color) << ": " << others << '\n';
  } else {
    out << painted("no ABI break", kGreen, color) << ": "
        << (comparison.sizes.empty() ? "no difference was found" : "only sizes differ") << '\n';
  }
}

// "+55, +8.5%", "-3, -100.0%"; without the percentage where there was nothing before.
std::string change_text(uint64_t old_size, uint64_t new_size, const char* separator) {
  const bool grew = new_size >= old_size;
  const uint64_t by = grew ? new_size - old_size : old_size - new_size;
  std::string text = (grew ? "+" : "-") + std::to_string(by);
  if (old_size == 0) return text;
  char percent[48];
  std::snprintf(percent, sizeof percent, "%s%c%.1f%%", separator, grew ? '+' : '-',
                100.0 * static_cast<double>(by) / static_cast<double>(old_size));
  return text + percent;
}

std::string kind_text(const ComparedFile& file) {
  if (!file.is_archive) return std::string(wasm_kind_name(file.members[0].kind));
  return "archive of " + std::to_string(file.members.size()) +
         (file.members.size() == 1 ? " member" : " members");
}

void print_files(llvm::raw_ostream& out, const ComparedFile& old_file,
                 const ComparedFile& new_file) {
  out << "  old  " << escape_controls(old_file.path) << ": " << kind_text(old_file) << ", "
      << old_file.size << " bytes\n";
  out << "  new  " << escape_controls(new_file.path) << ": " << kind_text(new_file) << ", "
      << new_file.size << " bytes";
  if (old_file.size != new_file.size)
    out << " (" << change_text(old_file.size, new_file.size, ", ") << ')';
  out << '\n';
}

std::string difference_line(const Difference& difference, bool color) {
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
  if (difference.is_break) line += "  " + painted("BREAK", kRed, color);
  if (!difference.reason.empty())
    line += (difference.is_break ? ": " : "  (") + std::string(difference.reason) +
            (difference.is_break ? "" : ")");
  return line;
}

void print_differences(llvm::raw_ostream& out, const Comparison& comparison, bool color) {
  const Difference* last = nullptr;
  for (const Difference& difference : comparison.differences) {
    if (last == nullptr || last->group != difference.group) {
      std::string title(difference_group_name(difference.group));
      title[0] = static_cast<char>(title[0] - 'a' + 'A');
      out << '\n' << painted(title, kBold, color) << '\n';
    }
    last = &difference;
    out << difference_line(difference, color) << '\n';
  }
}

uint64_t size_of_change(const SizeDifference& row) {
  const uint64_t before = row.old_size.value_or(0);
  const uint64_t after = row.new_size.value_or(0);
  return before < after ? after - before : before - after;
}

// Largest changes first.
void print_sizes(llvm::raw_ostream& out, const Comparison& comparison, SizeOwner owner,
                 bool color) {
  std::vector<const SizeDifference*> rows;
  for (const SizeDifference& row : comparison.sizes)
    if (row.owner == owner) rows.push_back(&row);
  if (rows.empty()) return;
  std::ranges::stable_sort(rows, [](const SizeDifference* a, const SizeDifference* b) {
    return size_of_change(*a) > size_of_change(*b);
  });
  out << '\n' << painted("Bytes by " + std::string(size_owner_name(owner)), kBold, color) << '\n';
  for (size_t i = 0; i < rows.size() && i < kMostSizesShown; ++i) {
    const SizeDifference& row = *rows[i];
    const uint64_t before = row.old_size.value_or(0);
    const uint64_t after = row.new_size.value_or(0);
    const std::string change = !row.new_size   ? '-' + std::to_string(before) + "  gone"
                               : !row.old_size ? '+' + std::to_string(after) + "  new"
                                               : change_text(before, after, "  ");
    char numbers[64];
    std::snprintf(numbers, sizeof numbers, "  %10llu -> %10llu  ",
                  static_cast<unsigned long long>(before), static_cast<unsigned long long>(after));
    out << numbers << painted(change, before < after ? kYellow : kGreen, color)
        << std::string(change.size() < 18 ? 18 - change.size() : 0, ' ') << "  "
        << show_name(row.name) << '\n';
  }
  if (rows.size() > kMostSizesShown)
    out << "  and " << rows.size() - kMostSizesShown << " more; --json has all\n";
}

}  // namespace

void render_diff_text(llvm::raw_ostream& out, const ComparedFile& old_file,
                      const ComparedFile& new_file, const Comparison& comparison, bool color) {
  print_verdict(out, comparison, color);
  print_files(out, old_file, new_file);
  print_differences(out, comparison, color);
  for (const SizeOwner owner :
       {SizeOwner::section, SizeOwner::member, SizeOwner::function, SizeOwner::data})
    print_sizes(out, comparison, owner, color);
}

}  // namespace wasmpack
