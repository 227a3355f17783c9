// Where the bytes of a file go: a partition of it into items, each with three owners.
//
// The items follow each other in file order without gaps, so their sizes add up to the file's.
// Names in brackets are no symbols but parts of the file: "[section TYPE]", "[segment .rodata]".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <llvm/Support/Allocator.h>

#include "object/object.h"

namespace wasmpack {

struct Facts;

enum class SizeOwner : uint8_t { section, symbol, library };
std::string_view size_owner_name(SizeOwner owner);  // "section", ...

enum class SizeDetail : uint8_t {
  sections,  // one item a section; costs nothing
  symbols,   // one item a function, data symbol, segment header, ...
};

struct SizeItem {
  uint64_t offset;          // in the file (of the member)
  uint64_t size;            // bytes, never 0
  std::string_view symbol;  // a function's or data symbol's name, or a bracketed one
  uint32_t section;         // position in Sizes::sections
  uint32_t library;         // position in Sizes::libraries
};

// Moves, but does not copy. Names are views into the file or into the arena.
//
// Sections: a section owns its header (id and size) and all its payload; what stands in none is
// "[file header]".
//
// Symbols: a function owns its size field and body, a data symbol the bytes of its segment that no
// earlier one owns ("earlier": of lower offset, then earlier in the symbol table), the segment what
// is left. A function without a name is "func[7]".
//
// Libraries, the first that applies:
// - of an archive the member, which owns all its bytes;
// - of a bundle the library whose kernel the function is, by the manifest section; nothing if two
//   libraries have a kernel of that symbol or two functions have the name;
// - the origin of a constructor, where facts tell it (ConstructorFact::origin);
// - the crate, for Rust's names (inspect/facts/rust_crate.h);
// - "[other]" for functions and data whose name does not tell;
// - "[sections]" for everything else.
struct Sizes {
  SizeDetail detail = SizeDetail::sections;
  std::vector<SizeItem> items;
  std::vector<std::string_view> sections;   // in file order; a name may occur twice
  std::vector<std::string_view> libraries;  // each once
  llvm::BumpPtrAllocator arena;

  std::string_view owner_of(const SizeItem& item, SizeOwner owner) const;
};

// `facts` tell the archive's member, the bundle's kernels and the origin of constructors. Linear in
// the file's size, but for sorting the data symbols of a segment.
Sizes measure_sizes(const Object& object, const Facts& facts, SizeDetail detail);
// One item a section, as far as the sections can be walked; the rest is "[unread]". `member` is
// empty outside archives.
Sizes measure_component_sizes(Bytes bytes, std::string_view member);

// All items of one owner.
struct SizeRow {
  std::string_view name;
  uint64_t size = 0;   // bytes
  uint64_t items = 0;  // how many have this owner
};

// The rows of one or more files (an archive's members), largest first, equal ones by name. `more`
// are rows that come from elsewhere, added to those of the same name. Linear, but for the sorting.
std::vector<SizeRow> group_sizes(std::span<const Sizes* const> files, SizeOwner owner,
                                 std::span<const SizeRow> more = {});

}  // namespace wasmpack
