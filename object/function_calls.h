// The direct calls in one function body.
#pragma once

#include <cstdint>
#include <vector>

#include "support/bytes.h"

namespace wasmpack {

struct FunctionCalls {
  std::vector<uint32_t> callees;  // of call and return_call, in the body's order, with repeats
  bool is_indirect = false;       // it also calls through a table or a reference
  bool is_plain = true;           // nothing but calls, drops, nops and the end: a ctor chain's form
  bool is_complete = true;        // false: an instruction was not understood and stopped the walk
};

// `body` starts with the local declarations (FunctionBody of object/object.h). The indices are not
// checked. Linear in the size of `body` (object/instructions.h).
FunctionCalls find_function_calls(Bytes body);

}  // namespace wasmpack
