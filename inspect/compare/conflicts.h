// What collides when objects and archives are linked together, and how to part it.
//
// Names are resolved as wasm-ld does: the first copy of a comdat group counts, the first strong
// definition wins, else the first weak one. Every member of an archive takes part, as with
// --whole-archive: which ones a link really pulls depends on what else is linked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/compare/compared_file.h"
#include "support/diagnostic.h"

namespace wasmpack {

// One side of a collision. `text` says what is there: "defines it: function (i32)->i32".
struct CollisionPlace {
  uint32_t file = 0;    // position in the list of files
  uint32_t member = 0;  // position in ComparedFile::members
  std::string text;
};

struct Collision {
  Severity severity = Severity::error;  // warning: the link goes through, but one of them loses
  std::string_view id;                  // "duplicate-symbol", ...
  std::string_view name;                // of the symbol, export, feature, kernel, ...; may be empty
  std::string_view reason;              // what happens
  std::vector<CollisionPlace> places;   // at most kMostPlaces
  size_t place_count = 0;               // of all places
  std::vector<std::string> commands;    // for a shell, one for each file to change; may be empty
  std::string advice;                   // where no command helps, or what it costs; may be empty
  std::string manifest;                 // TOML for `wasmpack pack` that parts them; may be empty
};

struct Conflicts {
  std::vector<Collision> collisions;  // errors first, then by id and in order of appearance
  // Those of all collisions in one: the outputs take the place of the files they are made of.
  std::vector<std::string> commands;
};

inline constexpr size_t kMostPlaces = 16;

// All files are objects, or archives of such. Linear in symbols, relocations and comdats.
Conflicts find_conflicts(std::span<const ComparedFile> files);

}  // namespace wasmpack
