// --gc: which chunks the roots reach.
#pragma once

#include <vector>

#include "linker/chunks.h"
#include "linker/init_functions.h"
#include "linker/symbol_edits.h"
#include "linker/symbol_table.h"

namespace wasmpack {

// Marks every function, data segment, global, tag and table that no root reaches `unreachable`, and
// undefined symbols that nothing kept refers to unused. Roots: what keep-global and export patterns
// match, EXPORTED and NO_STRIP symbols, RETAIN segments. The constructors of an input are live as
// soon as anything of that input is (as in wasm-ld's MarkLive). Constructors that went are removed
// from `chain`; everything that went is listed in `report.dropped`.
void collect_garbage(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks,
                     SymbolTable& table, const LinkOptions& options, std::vector<ChainEntry>& chain,
                     LinkReport& report, DiagnosticSink& sink);

}  // namespace wasmpack
