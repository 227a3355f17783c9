// The indirect function table of the output: which import it is, and what is in its slots.
#pragma once

#include <optional>
#include <vector>

#include "linker/layout.h"

namespace wasmpack {

// Whether a global is the undefined symbol `__indirect_function_table`.
bool is_function_table(const GlobalSymbol& global);

struct FunctionTablePlan {
  std::optional<Import> import;  // what the output imports as table 0; none if nobody needs it
  bool needs_symbol = false;     // no input has a symbol for it, but the output must
};

// `__indirect_function_table` must be table 0: code of LLVM before 15 calls through it without a
// relocation. Such inputs have no symbol for it; if none has one, the output gets none either, and
// so the final linker knows that its table must come first. Reports such inputs if the output has
// other tables.
// `uses`: see live_uses.h.
FunctionTablePlan plan_function_table(const std::vector<Input>& inputs,
                                      const std::vector<std::vector<uint8_t>>& uses,
                                      const SymbolTable& table, bool is64, DiagnosticSink& sink);

// Gives every function whose address is taken a slot, in function order from slot 1, and sets the
// import's size. The table, if there is one, is import number `import`.
void fill_function_table(const std::vector<std::vector<uint8_t>>& uses,
                         std::optional<size_t> import, Layout& layout);

}  // namespace wasmpack
