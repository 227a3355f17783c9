// Holds the fields that relocations are for against what the relocations say.
#pragma once

#include "inspect/facts/problem_list.h"
#include "object/object.h"

namespace wasmpack {

// Problems of two ids:
// - `invalid-linking`: a relocation in CODE that stands at an immediate of another kind, or whose
//   field is not padded; one in DATA that is none of a data kind.
// - `stale-relocation`: no immediate that could be patched begins where a relocation of CODE
//   stands, or a field does not hold what its relocation says: somebody rewrote the file and not
//   its relocations. At most kListedStale of a section are listed; the last one says how many
//   there are.
//
// Addresses, table slots and offsets in a field are provisional: a linker never reads them. They
// are compared only in objects whose producer writes them (some field of that kind holds what it
// should, and not zero). Relocations that break a rule of find_relocation_problems
// (object/verify.h) are passed over, and functions with unknown instructions.
//
// Linear: a walk through the code that has relocations, and one through all relocations.
void check_relocated_fields(const Object& object, ProblemList& problems);

inline constexpr uint32_t kListedStale = 5;

}  // namespace wasmpack
