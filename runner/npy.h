// numpy's .npy files: one tensor each, a short text header and the elements behind it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/tensor.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct NpyTensor {
  TensorType type;
  Bytes data;  // in the file: little endian, C order, compact
};

// Reads a file of format version 1, 2 or 3. Refused, with the way out: big endian numbers, Fortran
// order, element types that bundles do not have, a size that is not what the header says. bfloat16
// is the two-byte void type under which ml_dtypes saves it. `name` is for messages.
Result<NpyTensor> read_npy(Bytes file, std::string_view name);

// The bytes of a file of format version 1, as numpy.save writes them.
std::vector<uint8_t> write_npy(const TensorType& type, Bytes data);

}  // namespace wasmpack
