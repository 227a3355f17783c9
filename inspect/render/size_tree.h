// Where the bytes of a file go, as a tree for a treemap: section -> library -> symbol.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/facts/sizes.h"

namespace wasmpack {

struct SizeLeaf {
  std::string_view name;
  uint64_t size;
};
struct SizeLibrary {
  std::string_view name;
  uint64_t size = 0;
  std::vector<SizeLeaf> leaves;
  uint64_t rest_size = 0;  // of the items that are not listed
  uint64_t rest_count = 0;
};
struct SizeSection {
  std::string_view name;
  uint64_t size = 0;
  std::vector<SizeLibrary> libraries;
};
// Largest first on each level; the sizes of a level add up to the one above.
struct SizeTree {
  uint64_t size = 0;
  std::vector<SizeSection> sections;
  uint64_t rest_size = 0;  // of the libraries in sections that are not listed
  uint64_t rest_count = 0;
};

// At most `max_leaves` leaves, the largest, in at most `max_groups` pairs of section and library.
// Linear but for the sorting.
SizeTree make_size_tree(const Sizes& sizes, size_t max_leaves, size_t max_groups);

}  // namespace wasmpack
