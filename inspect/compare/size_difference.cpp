// Whose bytes grew or shrank.

#include <string_view>
#include <unordered_map>
#include <vector>

#include "inspect/compare/difference_parts.h"
#include "inspect/compare/match.h"

namespace wasmpack {
namespace {

struct NamedSize {
  std::string_view name;
  uint64_t size;
};

void compare_lists(ComparisonParts& parts, SizeOwner owner, const std::vector<NamedSize>& before,
                   const std::vector<NamedSize>& after) {
  const auto key = [](const NamedSize& item) { return MatchKey{{}, item.name}; };
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
    if (row.old_size != row.new_size) parts.result.sizes.push_back(row);
  }
}

// Adds up what has one name, in the order of first appearance.
std::vector<NamedSize> add_up(const std::vector<NamedSize>& items) {
  std::vector<NamedSize> sums;
  std::unordered_map<std::string_view, size_t> numbers;
  for (const NamedSize& item : items) {
    const auto [at, is_new] = numbers.try_emplace(item.name, sums.size());
    if (is_new)
      sums.push_back(item);
    else
      sums[at->second].size += item.size;
  }
  return sums;
}

std::vector<NamedSize> list_sections(const ComparedFile& file) {
  std::vector<NamedSize> sections;
  for (const Facts& facts : file.members)
    for (const SectionFact& section : facts.sections)
      sections.push_back({section.name, section.offset - section.header_offset + section.size});
  return add_up(sections);
}

std::vector<NamedSize> list_members(const ComparedFile& file) {
  std::vector<NamedSize> members;
  for (const Facts& facts : file.members) members.push_back({facts.member, facts.size});
  return members;
}

// Functions without a name are not told apart by their numbers, which change with any edit.
std::vector<NamedSize> list_functions(const ComparedFile& file) {
  std::vector<NamedSize> functions;
  for (const Facts& facts : file.members)
    for (const FunctionFact& function : facts.functions)
      functions.push_back(
          {function.name.empty() ? std::string_view("(no name)") : function.name, function.size});
  return add_up(functions);
}

std::vector<NamedSize> list_data(const ComparedFile& file) {
  std::vector<NamedSize> data;
  for (const Facts& facts : file.members)
    for (const SymbolFact& symbol : facts.symbols)
      if (symbol.kind == SymbolKind::data && symbol.segment && symbol.size)
        data.push_back({symbol.name, *symbol.size});
  return add_up(data);
}

}  // namespace

void compare_sizes(ComparisonParts& parts) {
  const auto compare = [&](SizeOwner owner, std::vector<NamedSize> (*list)(const ComparedFile&)) {
    compare_lists(parts, owner, list(parts.old_file), list(parts.new_file));
  };
  compare(SizeOwner::section, list_sections);
  if (parts.old_file.is_archive && parts.new_file.is_archive)
    compare(SizeOwner::member, list_members);
  compare(SizeOwner::function, list_functions);
  compare(SizeOwner::data, list_data);
}

}  // namespace wasmpack
