// Where the bytes of a file go, as a tree for a treemap: section -> library -> symbol.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"

namespace wasmpack {

// A part of the file with its three owners. Equal section names may be of different sections, which
// `section` (a position in the file) tells apart.
struct SizePart {
  uint64_t size;  // bytes
  std::string_view symbol;
  std::string_view section_name;
  std::string_view library_name;
  uint32_t section;
  uint32_t library;
};

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
SizeTree make_size_tree(std::span<const SizePart> parts, size_t max_leaves, size_t max_groups);

// The parts of a file of which only the sections are known: each with its header, and what is in
// none. Their sizes add up to the file's.
std::vector<SizePart> list_section_parts(const Facts& facts);

}  // namespace wasmpack
