// The EXPORT section of the output: the place where LLVM's objects keep their export_names.
#pragma once

#include <vector>

#include "linker/layout.h"

namespace wasmpack {

// The entries of all inputs that name something in the output; those of functions that lost to
// another definition, were dropped or unexported are left out. Reports names that a final module
// would export twice: two entries, or an entry and an EXPORTED symbol, which a final linker exports
// by its name if it has no entry.
//
// `layout` must have everything numbered; its own `exports` are not looked at.
std::vector<Export> plan_exports(const std::vector<Input>& inputs, const SymbolTable& table,
                                 const EditedNames& names, const Layout& layout,
                                 DiagnosticSink& sink);

}  // namespace wasmpack
