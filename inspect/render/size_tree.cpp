#include "inspect/render/size_tree.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

namespace wasmpack {
namespace {

// The parts of one library in one section.
struct Group {
  uint32_t first;  // a part of it
  uint64_t size = 0;
  SizeLibrary* place = nullptr;  // null: not listed
};

class TreeMaker {
 public:
  explicit TreeMaker(const Sizes& sizes) : sizes_(sizes), parts_(sizes.items) {}

  SizeTree make(size_t max_leaves, size_t max_groups) {
    find_groups();
    place_groups(max_groups);
    place_parts(max_leaves);
    return std::move(tree_);
  }

 private:
  void find_groups() {
    std::unordered_map<uint64_t, uint32_t> positions;
    group_of_.reserve(parts_.size());
    for (uint32_t i = 0; i < parts_.size(); ++i) {
      const SizeItem& part = parts_[i];
      const auto [position, is_new] = positions.try_emplace(
          uint64_t{part.section} << 32 | part.library, static_cast<uint32_t>(groups_.size()));
      if (is_new) groups_.push_back({.first = i});
      groups_[position->second].size += part.size;
      group_of_.push_back(position->second);
      tree_.size += part.size;
    }
  }

  // The groups are found in the order of their first parts, so equal sizes keep the file's order.
  void place_groups(size_t max_groups) {
    std::vector<uint32_t> order(groups_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [this](uint32_t group) { return groups_[group].size; });
    const size_t listed = std::min(max_groups, order.size());
    std::unordered_map<uint32_t, size_t> section_of;
    std::vector<std::pair<size_t, uint32_t>> places;  // section in the tree, group
    for (size_t i = 0; i < order.size(); ++i) {
      const Group& group = groups_[order[i]];
      if (i >= listed) {
        tree_.rest_size += group.size;
        ++tree_.rest_count;
        continue;
      }
      const SizeItem& part = parts_[group.first];
      const auto [section, is_new] = section_of.try_emplace(part.section, tree_.sections.size());
      if (is_new) tree_.sections.push_back({.name = sizes_.owner_of(part, SizeOwner::section)});
      tree_.sections[section->second].size += group.size;
      tree_.sections[section->second].libraries.push_back(
          {.name = sizes_.owner_of(part, SizeOwner::library), .size = group.size});
      places.emplace_back(section->second, order[i]);
    }
    // Addresses are taken when all vectors have their size.
    std::vector<size_t> next(tree_.sections.size(), 0);
    for (const auto& [section, group] : places)
      groups_[group].place = &tree_.sections[section].libraries[next[section]++];
  }

  void place_parts(size_t max_leaves) {
    std::vector<uint32_t> listed;
    for (uint32_t i = 0; i < parts_.size(); ++i)
      if (groups_[group_of_[i]].place != nullptr) listed.push_back(i);
    std::ranges::stable_sort(listed, std::ranges::greater{},
                             [this](uint32_t part) { return parts_[part].size; });
    for (size_t i = 0; i < listed.size(); ++i) {
      const SizeItem& part = parts_[listed[i]];
      SizeLibrary& library = *groups_[group_of_[listed[i]]].place;
      if (i < max_leaves) {
        library.leaves.push_back({part.symbol, part.size});
      } else {
        library.rest_size += part.size;
        ++library.rest_count;
      }
    }
    // Vectors move as a whole, so the order of sections can change only now.
    std::ranges::stable_sort(tree_.sections, std::ranges::greater{}, &SizeSection::size);
  }

  const Sizes& sizes_;
  std::span<const SizeItem> parts_;
  std::vector<Group> groups_;
  std::vector<uint32_t> group_of_;  // of each part
  SizeTree tree_;
};

}  // namespace

SizeTree make_size_tree(const Sizes& sizes, size_t max_leaves, size_t max_groups) {
  return TreeMaker(sizes).make(max_leaves, max_groups);
}

}  // namespace wasmpack
