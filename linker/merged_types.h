// One list of function types for all inputs.
#pragma once

#include <vector>

#include "linker/input.h"

namespace wasmpack {

struct MergedTypes {
  std::vector<FuncType> types;                 // each once, in order of first appearance
  std::vector<std::vector<uint32_t>> numbers;  // [input][type index] -> position in `types`
};

MergedTypes merge_types(const std::vector<Input>& inputs);

// "i32, f64", of value types that are one byte each
std::string format_value_types(Bytes types);
// "(i32, f64) -> i32"
std::string format_type(const FuncType& type);

}  // namespace wasmpack
