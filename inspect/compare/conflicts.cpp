#include "inspect/compare/conflicts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "inspect/compare/conflict_parts.h"

namespace wasmpack {
namespace {

// More names than that are moved away together.
constexpr size_t kMostOptions = 24;

// All options for one file, each once.
std::vector<std::string> join_options(const PartedFile& file, std::vector<std::string> options) {
  std::ranges::sort(options);
  const auto repeated = std::ranges::unique(options);
  options.erase(repeated.begin(), repeated.end());
  const auto is_one_name = [](const std::string& option) {
    return option.starts_with("--localize-symbol=") || option.starts_with("--redefine-sym=");
  };
  if (std::ranges::count_if(options, is_one_name) <= static_cast<ptrdiff_t>(kMostOptions))
    return options;
  std::erase_if(options, is_one_name);
  options.insert(options.begin(), prefix_option(file));
  return options;
}

}  // namespace

void ConflictSearch::add_place(Collision& collision, const ConflictInput& input,
                               std::string text) const {
  ++collision.place_count;
  if (collision.places.size() < kMostPlaces)
    collision.places.push_back({input.file, input.member, std::move(text)});
}

void ConflictSearch::part(Collision& collision, uint32_t file,
                          std::vector<std::string> more_options) {
  if (collision.commands.size() < kMostPlaces)
    collision.commands.push_back(make_link_command(parted[file], more_options));
  for (std::string& option : more_options) options[file].push_back(std::move(option));
}

Conflicts find_conflicts(std::span<const ComparedFile> files) {
  ConflictSearch search{files, name_parted_files(files), {}, {}, {}};
  search.options.resize(files.size());
  for (uint32_t file = 0; file < files.size(); ++file)
    for (uint32_t member = 0; member < files[file].members.size(); ++member) {
      const Facts& facts = files[file].members[member];
      search.inputs.push_back({file, member, &facts, SymbolTypes(facts), {}});
    }
  find_comdat_conflicts(search);
  find_symbol_conflicts(search);
  find_export_conflicts(search);
  find_kernel_conflicts(search);
  find_feature_conflicts(search);
  find_heap_conflicts(search);
  find_width_conflicts(search);

  Conflicts conflicts;
  conflicts.collisions = std::move(search.found);
  std::ranges::stable_sort(conflicts.collisions, [](const Collision& a, const Collision& b) {
    return std::tie(b.severity, a.id) < std::tie(a.severity, b.id);
  });
  for (size_t file = 0; file < files.size(); ++file)
    if (!search.options[file].empty())
      conflicts.commands.push_back(make_link_command(
          search.parted[file], join_options(search.parted[file], search.options[file])));
  return conflicts;
}

}  // namespace wasmpack
