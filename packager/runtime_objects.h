// What runtime/ was compiled to when wasmpack was built (runtime/CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

#include "support/bytes.h"

namespace wasmpack {

struct RuntimeObject {
  std::string_view name;  // "registry.o"
  Bytes bytes;
};

// The objects of runtime/*.c, by name.
std::span<const RuntimeObject> runtime_objects();

// An archive of math functions, memcpy and the like, and compiler-rt, for libraries that come
// without a C library.
Bytes builtins_archive();

}  // namespace wasmpack
