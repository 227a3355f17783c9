// What changed between two versions of a file, and which of it breaks those who use it.
//
// Breaks of finished modules are seen from the host: what it calls must be there with its type, and
// what it gives must be enough. Breaks of objects and archives are seen from what is linked with
// them. docs/inspect-compare.md has the rules.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/compare/compared_file.h"

namespace wasmpack {

enum class DifferenceGroup : uint8_t {
  file,  // kind of file, width of addresses
  exports,
  imports,    // of finished modules; also the shared libraries that one needs
  kernels,    // of bundles
  symbols,    // global ones that an object or archive defines
  undefined,  // those that it leaves to others
  memory,     // a module's own memories and tables
  features,
  constructors,
};
std::string_view difference_group_name(DifferenceGroup group);  // "exports", ...

enum class ChangeKind : uint8_t { removed, added, changed };
std::string_view change_kind_name(ChangeKind kind);  // "removed", ...

// The views point into the facts, into Comparison::texts, or are constants.
struct Difference {
  DifferenceGroup group;
  ChangeKind change;
  std::string_view module;  // of an import, else empty
  std::string_view name;
  std::string_view old_value;  // type or state; empty if added
  std::string_view new_value;  // empty if removed
  bool is_break = false;
  std::string_view reason;  // why it is a break, or why not, where that is not plain; may be empty
};

// A size that changed, in bytes; nothing where the owner does not exist.
struct SizeDifference {
  SizeOwner owner;
  std::string_view name;
  std::optional<uint64_t> old_size;
  std::optional<uint64_t> new_size;
};

// Moves, but does not copy.
struct Comparison {
  std::vector<Difference> differences;  // by group; in it removed ones, added ones, changed ones
  // Of each owner of inspect/facts/sizes.h: what an archive has besides its members is "[archive
  // headers]", so that the differences of one owner add up to that of the files. Largest first.
  std::vector<SizeDifference> sizes;
  bool is_same_file = false;  // byte for byte; who has the bytes sets it
  std::deque<std::string> texts;
};

// Linear in what the files hold, but for sorting the sizes.
Comparison compare_files(const ComparedFile& old_file, const ComparedFile& new_file);

}  // namespace wasmpack
