// The parts of a comparison, one file each; difference.cpp puts them together.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "inspect/compare/compared_file.h"
#include "inspect/compare/difference.h"

namespace wasmpack {

// Two files and what was found so far.
struct ComparisonParts {
  const ComparedFile& old_file;
  const ComparedFile& new_file;
  Comparison& result;

  // A text that lives as long as the result.
  std::string_view keep(std::string text) { return result.texts.emplace_back(std::move(text)); }
  void add(const Difference& difference) { result.differences.push_back(difference); }
};

// Exports and imports of modules and of objects (there as the final link will export them).
void compare_exports(ComparisonParts& parts);
// Of finished modules.
void compare_imports(ComparisonParts& parts);
void compare_needed_libraries(ComparisonParts& parts);
void compare_kernels(ComparisonParts& parts);
void compare_memories(ComparisonParts& parts);
// Of objects and archives: what they define and what they leave undefined, as a whole.
void compare_symbols(ComparisonParts& parts);
void compare_features(ComparisonParts& parts);
void compare_constructors(ComparisonParts& parts);
void compare_sizes(ComparisonParts& parts);

}  // namespace wasmpack
