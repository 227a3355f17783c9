// Memories, tables, globals and tags of a file, as facts.
#pragma once

#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// Fills Facts::spaces: memories, then tables, globals, tags, each with imports first. A name is
// the symbol's, else that of the `name` section, else that of the import, else of an export.
void gather_spaces(const Object& object, Facts& facts);

}  // namespace wasmpack
