// Where function bodies and data segments go.
#pragma once

#include <vector>

#include "linker/layout.h"

namespace wasmpack {

// Sets the offsets of all kept bodies in CODE; functions have their numbers.
void place_code(const std::vector<Input>& inputs, Layout& layout);

// Numbers all kept segments and sets their addresses and their offsets in DATA. Segments stay what
// they are, one behind the other, each aligned as it wants: merging them would take the grain from
// a later garbage collection. Sets the size of the memory, which is the first import.
void place_data(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                Layout& layout);

}  // namespace wasmpack
