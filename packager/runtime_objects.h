// The objects that runtime/*.c were compiled to when wasmpack was built (runtime/CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

#include "support/bytes.h"

namespace wasmpack {

struct RuntimeObject {
  std::string_view name;  // "registry.o"
  Bytes bytes;
};

// All of them, by name.
std::span<const RuntimeObject> runtime_objects();

}  // namespace wasmpack
