// Values and tensors for people and for JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/tensor.h"
#include "support/bytes.h"

namespace wasmpack {

// One value of wasm as text. `letter` is its type's, `bits` are at least 16 bytes of its frame:
// "-3", "0.1" (the shortest text that reads back as the same), "nan", "i32x4:1,2,3,4", "null" for
// a reference, whose content nobody sees.
std::string value_text(char letter, Bytes bits);

// The element at that position, as value_text() writes it; "true" and "false" for bool.
std::string element_text(const DataType& type, Bytes data, uint64_t position);

// What there is to say of all elements. NaNs are left out of it.
struct TensorSummary {
  std::string minimum, maximum;  // empty if there is no element but NaNs
  double mean = 0;
  uint64_t nan_count = 0;
};
TensorSummary summarize_tensor(const TensorType& type, Bytes data);

// "float32[2,2], min 1, max 4, mean 2.5" and below it the elements, a line for each row; of large
// tensors the first and last ones. Each line ends with a line end.
std::string tensor_text(const TensorType& type, Bytes data);

}  // namespace wasmpack
