// The ctor chain of a link: the init functions of all inputs in the order a linker runs them.
#pragma once

#include <vector>

#include "linker/chunks.h"
#include "linker/input.h"

namespace wasmpack {

struct ChainEntry {
  uint32_t priority;
  SymbolRef symbol;
  uint32_t origin;  // the input that registered it
};

// Sorted by priority; equal priorities in input order (wasm-ld, Writer::calculateInitFunctions).
// An init function whose body was discarded with its comdat copy is left out: the copy that stayed
// registers its own. Reports constructors that take arguments.
std::vector<ChainEntry> collect_init_functions(const std::vector<Input>& inputs,
                                               const std::vector<ChunkTable>& chunks,
                                               DiagnosticSink& sink);

}  // namespace wasmpack
