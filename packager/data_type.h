// Element types of tensors, as the manifest names them and the registry numbers them
// (docs/bundle-abi.md, "dtype").
#pragma once

#include <cstdint>
#include <string_view>

namespace wasmpack {

struct DataType {
  std::string_view name;
  uint32_t code;   // wasmpack_param::dtype
  uint32_t bytes;  // of one element
};

inline constexpr DataType kDataTypes[] = {
    {"float16", 1, 2}, {"float32", 2, 4}, {"float64", 3, 8}, {"bfloat16", 4, 2}, {"int8", 5, 1},
    {"int16", 6, 2},   {"int32", 7, 4},   {"int64", 8, 8},   {"uint8", 9, 1},    {"uint16", 10, 2},
    {"uint32", 11, 4}, {"uint64", 12, 8}, {"bool", 13, 1}};

}  // namespace wasmpack
