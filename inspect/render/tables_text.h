// The tables of what a file offers, needs and runs.
#pragma once

#include <cstddef>

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/facts.h"
#include "inspect/render/text_fit.h"

namespace wasmpack {

// Each prints at most `limit` rows and says how many there are besides; a table without rows is not
// printed at all.
void print_constructors(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                        const TextStyle& style);
void print_exports(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                   const TextStyle& style);
void print_imports(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                   const TextStyle& style);
// Kernels and params of a bundle; what constructors register.
void print_registry(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                    const TextStyle& style);
// Layout, and memories, tables, globals, tags.
void print_memory(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style);

}  // namespace wasmpack
