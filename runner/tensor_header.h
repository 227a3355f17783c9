// The structures by which kernels of TVM and of Halide know a tensor, as they lie in memory of
// wasm32.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/tensor.h"

namespace wasmpack {

struct TensorHeader {
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> lengths;  // an array of its own
  uint32_t data_offset;          // in bytes: where the address of the elements belongs
  uint32_t lengths_offset;       // and that of `lengths`
};

// DLTensor: compact, on the CPU. TVM FFI has a type of its own for bool, before it was an unsigned
// integer of one bit.
TensorHeader make_dl_tensor(const TensorType& type, bool is_ffi);

// halide_buffer_t. Its first dimension is the innermost one: numpy's last. `has_content`: it is an
// input.
TensorHeader make_halide_buffer(const TensorType& type, bool has_content);

}  // namespace wasmpack
