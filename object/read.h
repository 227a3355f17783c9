// Reads one wasm file into an Object.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Parses `bytes`, a core wasm module or object (magic and version included). The views in the
// result point into `bytes`, `file` and `member`, which must outlive it. The error names file,
// member, section and byte offset. Work and memory are linear in the size of `bytes`.
//
// Structure is checked here (nothing points outside its index space); the rules that only concern
// relocations are checked by verify_object (object/verify.h).
Result<Object> read_object(Bytes bytes, std::string_view file, std::string_view member = {},
                           uint32_t order = 0);

// What could be read of a file whose custom sections may be damaged.
struct LenientObject {
  Object object;
  // One for each damaged section or linking subsection, id `invalid-linking`, in file order: a
  // warning where only a hint is lost (`producers`), else an error.
  std::vector<Diagnostic> problems;
};

// The same for those who want to know all there is, and never link: damage of `linking`, `reloc.*`,
// `target_features` and `producers` is recorded and what stands before it kept; only a broken
// module is an error. The object is as consistent as read_object's: symbols, init functions and
// comdats that could be read name things that exist. A file with a `linking` section counts as an
// object even if nothing of it could be read. When the symbol table is damaged, neither init
// functions nor relocations are there, since they name symbols.
Result<LenientObject> read_object_leniently(Bytes bytes, std::string_view file,
                                            std::string_view member = {});

}  // namespace wasmpack
