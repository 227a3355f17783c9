// Any bytes are a .npy file or an error; a tensor lies inside of the file, has the size that its
// type says, and is written and read again as the same. The same bytes as text are an argument or
// none.
#include <cstdlib>
#include <string>

#include "runner/argument.h"
#include "runner/npy.h"
#include "runner/tensor_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wasmpack;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char letter : {'i', 'I', 'f', 'F', 'v'}) {
    const ParsedNumber number = parse_number(text, letter);
    if (number.bits.empty() == number.problem.empty()) std::abort();
  }
  parse_tensor_type(text);
  const Result<NpyTensor> tensor = read_npy({data, size}, "x.npy");
  if (!tensor) return 0;
  if (tensor->data.size() != tensor->type.byte_size() || tensor->data.size() > size) std::abort();
  tensor_text(tensor->type, tensor->data);
  const std::vector<uint8_t> file = write_npy(tensor->type, tensor->data);
  const Result<NpyTensor> again = read_npy(file, "y.npy");
  if (!again || as_string(again->data) != as_string(tensor->data)) std::abort();
  return 0;
}
