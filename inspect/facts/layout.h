// Where data, stack and heap lie in the memory of a finished module.
#pragma once

#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// Fills Facts::layout of a finished module, from Facts::spaces. Of an object nothing is known: the
// final link lays it out.
//
// The stack pointer is the initial value of the global `__stack_pointer`, by name or export; names
// are gone in stripped modules, and then it is nothing. wasm-ld puts the stack
// - before the data (--stack-first): the data begins at or above the stack pointer, and the stack
//   has all that is below it;
// - or behind the data: from its end to the stack pointer. The end is the global `__data_end` if
//   it is exported, else that of the last active segment: zeros at the end of the data (.bss) are
//   in no segment and count as stack then.
// The size is nothing if the stack pointer or the data's place is not known, or if the stack
// pointer lies inside of the data. Without any data the first case holds.
void gather_layout(const Object& object, Facts& facts);

}  // namespace wasmpack
