// The arguments of a call as a person writes them: numbers and tensors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/npy.h"
#include "runner/tensor.h"
#include "support/bytes.h"
#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

// 3 -1.5 0x10 nan inf i32x4:1,2,3,4 | null | x.npy, in:x | inout:x.npy | out:float32[4,4] | out
enum class ArgumentKind : uint8_t { number, null, input, inout, output };

struct CallArgument {
  std::string text;  // as written, for messages
  ArgumentKind kind = ArgumentKind::number;
  // Of a tensor; none yet for a bare `out`.
  std::optional<TensorType> tensor;
  Bytes data;  // of an input
  // What `data` points into.
  std::optional<InputFile> file;
};

// Reads one argument and the file that it names. A number is read when its type is known.
Result<CallArgument> read_argument(std::string_view text);

// The bits of a value, little endian, 16 bytes; or what is wrong, for a sentence that begins with
// the text. `letter` is that of a type that is no reference (docs/bundle-abi.md).
struct ParsedNumber {
  std::vector<uint8_t> bits;
  std::string problem;
};
ParsedNumber parse_number(std::string_view text, char letter);

// Whether a number is one for an integer: "3", "0x10", no point, exponent, nan or inf.
bool is_integer_text(std::string_view text);

}  // namespace wasmpack
