// Whose bytes grew or shrank.

#include <algorithm>
#include <vector>

#include "inspect/compare/difference_parts.h"
#include "inspect/compare/match.h"

namespace wasmpack {
namespace {

std::vector<SizeRow> list_owners(const ComparedFile& file, SizeOwner owner) {
  std::vector<const Sizes*> sizes;
  for (const Sizes& of_member : file.sizes) sizes.push_back(&of_member);
  uint64_t used = 0;
  for (const Facts& facts : file.members) used += facts.size;
  std::vector<SizeRow> more;
  if (used < file.size) more.push_back({"[archive headers]", file.size - used, 1});
  return group_sizes(sizes, owner, more);
}

uint64_t size_of_change(const SizeDifference& row) {
  const uint64_t before = row.old_size.value_or(0);
  const uint64_t after = row.new_size.value_or(0);
  return before < after ? after - before : before - after;
}

void compare_owners(ComparisonParts& parts, SizeOwner owner) {
  const std::vector<SizeRow> before = list_owners(parts.old_file, owner);
  const std::vector<SizeRow> after = list_owners(parts.new_file, owner);
  const auto key = [](const SizeRow& row) { return MatchKey{{}, row.name}; };
  std::vector<SizeDifference>& rows = parts.result.sizes;
  const size_t first = rows.size();
  for (const Match& match : match_by(before, after, key)) {
    SizeDifference row{owner, {}, {}, {}};
    if (match.old_item) {
      row.name = before[*match.old_item].name;
      row.old_size = before[*match.old_item].size;
    }
    if (match.new_item) {
      row.name = after[*match.new_item].name;
      row.new_size = after[*match.new_item].size;
    }
    if (row.old_size != row.new_size) rows.push_back(row);
  }
  std::stable_sort(rows.begin() + static_cast<ptrdiff_t>(first), rows.end(),
                   [](const SizeDifference& a, const SizeDifference& b) {
                     return size_of_change(a) > size_of_change(b);
                   });
}

}  // namespace

void compare_sizes(ComparisonParts& parts) {
  for (const SizeOwner owner : {SizeOwner::section, SizeOwner::library, SizeOwner::symbol})
    compare_owners(parts, owner);
}

}  // namespace wasmpack
