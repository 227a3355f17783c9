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
// - or behind the data: from the global `__data_end`, where that is exported, to the stack pointer.
//   The last segment's end would be too early: zeros behind it (.bss) are in no segment.
// The size is nothing where none of that can be told, and in modules with passive segments or data
// at addresses that are no constants. Without any data the first case holds.
void gather_layout(const Object& object, Facts& facts);

}  // namespace wasmpack
