#include "runner/tensor.h"

#include <algorithm>
#include <charconv>

namespace wasmpack {
namespace {

template <class Length>
std::string join_lengths(const std::vector<Length>& shape) {
  std::string text;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ',';
    text += shape[i] == static_cast<Length>(-1) ? "?" : std::to_string(shape[i]);
  }
  return text;
}

std::string list_data_types() {
  std::string text;
  for (const DataType& type : kDataTypes)
    text += (text.empty() ? "" : ", ") + std::string(type.name);
  return text;
}

}  // namespace

uint64_t TensorType::element_count() const {
  uint64_t count = 1;
  for (const uint64_t length : shape) count *= length;
  return count;
}

const DataType* find_data_type(std::string_view name) {
  const auto* found = std::ranges::find(kDataTypes, name, &DataType::name);
  return found == std::end(kDataTypes) ? nullptr : found;
}

std::optional<uint64_t> tensor_bytes(const std::vector<uint64_t>& shape, uint64_t element_bytes) {
  if (std::ranges::find(shape, uint64_t{0}) != shape.end()) return 0;
  uint64_t bytes = element_bytes;
  for (const uint64_t length : shape) {
    if (length > kMaxTensorBytes / bytes) return std::nullopt;
    bytes *= length;
  }
  return bytes;
}

std::string tensor_type_text(const TensorType& type) {
  return std::string(type.dtype->name) + "[" + join_lengths(type.shape) + "]";
}

std::string tensor_type_text(std::string_view dtype, const std::vector<int64_t>& shape) {
  return std::string(dtype) + "[" + join_lengths(shape) + "]";
}

ParsedTensorType parse_tensor_type(std::string_view text) {
  ParsedTensorType result;
  const auto stop = [&](std::string problem) {
    result.problem = std::move(problem);
    return result;
  };
  const size_t open = text.find('[');
  if (open == text.npos || text.back() != ']') return stop("is no tensor type like float32[2,3]");
  result.type.dtype = find_data_type(text.substr(0, open));
  if (result.type.dtype == nullptr)
    return stop("has an element type that is none of " + list_data_types());
  std::string_view lengths = text.substr(open + 1, text.size() - open - 2);
  while (!lengths.empty()) {
    uint64_t length = 0;
    const char* end = lengths.data() + lengths.size();
    const auto [at, error] = std::from_chars(lengths.data(), end, length);
    const bool is_last = at == end;
    if (error != std::errc() || (!is_last && (*at != ',' || at + 1 == end)))
      return stop("has a shape that is no list of lengths like [2,3]");
    result.type.shape.push_back(length);
    lengths.remove_prefix(static_cast<size_t>(at - lengths.data()) + (is_last ? 0 : 1));
    if (result.type.shape.size() > kMaxTensorRank)
      return stop("has more than " + std::to_string(kMaxTensorRank) + " dimensions");
  }
  if (!tensor_bytes(result.type.shape, result.type.dtype->bytes))
    return stop("has more than " + std::to_string(kMaxTensorBytes >> 20) + " MiB");
  return result;
}

}  // namespace wasmpack
