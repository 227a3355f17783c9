// What the searches for collisions share, one file each; conflicts.cpp puts them together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/compare/conflicts.h"
#include "inspect/compare/parting.h"
#include "inspect/compare/symbol_types.h"

namespace wasmpack {

// One object: a file, or a member of an archive.
struct ConflictInput {
  uint32_t file;
  uint32_t member;
  const Facts* facts;
  SymbolTypes types;
  std::vector<bool> discarded;  // by symbol: its comdat group was taken from an earlier input
};

struct ConflictSearch {
  std::span<const ComparedFile> files;
  std::vector<PartedFile> parted;
  std::vector<ConflictInput> inputs;
  std::vector<Collision> found;
  std::vector<std::vector<std::string>> options;  // by file: those of all collisions

  void add_place(Collision& collision, const ConflictInput& input, std::string text) const;
  // Parts `collision` by options of one file.
  void part(Collision& collision, uint32_t file, std::vector<std::string> more_options);
};

// Fills ConflictInput::discarded, and reports groups whose copies differ.
void find_comdat_conflicts(ConflictSearch& search);
// Names of symbols. Comdats come before.
void find_symbol_conflicts(ConflictSearch& search);
// What is not a symbol: export names, kernels, target features, the heap, the width of addresses.
void find_export_conflicts(ConflictSearch& search);
void find_kernel_conflicts(ConflictSearch& search);
void find_feature_conflicts(ConflictSearch& search);
void find_heap_conflicts(ConflictSearch& search);
void find_width_conflicts(ConflictSearch& search);

}  // namespace wasmpack
