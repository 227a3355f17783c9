// Where a constructor comes from, as far as a file tells.
#pragma once

#include <string_view>

#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// Fills ConstructorFact::origin: of an object's constructors the archive member or file; of a
// bundle's the library, by the manifest section; else the source file that clang puts into the
// names of functions that initialize a file's globals.
void gather_origins(const Object& object, Facts& facts);

// "kernels.cpp" of `_GLOBAL__sub_I_kernels.cpp`; empty for any other name.
std::string_view source_of_constructor(std::string_view name);

}  // namespace wasmpack
