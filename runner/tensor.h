// Type and shape of a tensor: what an argument, a file and the manifest say of one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/data_type.h"

namespace wasmpack {

inline constexpr size_t kMaxTensorRank = 32;  // numpy's limit
// Of one tensor, and of all memory that the arguments of a call take.
inline constexpr uint64_t kMaxTensorBytes = uint64_t{1} << 30;

struct TensorType {
  const DataType* dtype = nullptr;  // an element of kDataTypes
  std::vector<uint64_t> shape;      // byte_size() has been checked

  // Elements of the tensor; 1 for one without dimensions.
  uint64_t element_count() const;
  uint64_t byte_size() const { return element_count() * dtype->bytes; }
};

// The entry of kDataTypes with that name, null if there is none.
const DataType* find_data_type(std::string_view name);

// The product of the lengths and `element_bytes`, if it is at most kMaxTensorBytes.
std::optional<uint64_t> tensor_bytes(const std::vector<uint64_t>& shape, uint64_t element_bytes);

// "float32[2,3]", "float32[]" for one without dimensions.
std::string tensor_type_text(const TensorType& type);
// The same for a type of the manifest: -1, any length, is "?".
std::string tensor_type_text(std::string_view dtype, const std::vector<int64_t>& shape);

// The type that such a text names, or what is wrong with it, for a sentence that begins with it.
struct ParsedTensorType {
  TensorType type;
  std::string problem;  // empty if there is none
};
ParsedTensorType parse_tensor_type(std::string_view text);

}  // namespace wasmpack
