// Chooses one copy of every comdat group.
#pragma once

#include <vector>

#include "linker/chunks.h"

namespace wasmpack {

// For each input its chunks, with every member of a group that an earlier input already brought
// marked comdat_discarded (Linking.md, "COMDAT sections"; the first input in order wins, as in
// wasm-ld). A chunk in two groups of one input is reported.
std::vector<ChunkTable> resolve_comdats(const std::vector<Input>& inputs, DiagnosticSink& sink);

}  // namespace wasmpack
