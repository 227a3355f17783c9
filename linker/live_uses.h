// How relocations use each symbol, when only those of chunks that stay count.
#pragma once

#include <cstdint>
#include <vector>

#include "linker/chunks.h"

namespace wasmpack {

// [input][symbol]: the bits kUsedInTable and kUsedByGot of object/verify.h. A table slot or a GOT
// import must not outlive the code that asked for it.
std::vector<std::vector<uint8_t>> find_live_uses(const std::vector<Input>& inputs,
                                                 const std::vector<ChunkTable>& chunks);

}  // namespace wasmpack
