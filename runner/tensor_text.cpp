#include "runner/tensor_text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace wasmpack {
namespace {

constexpr uint64_t kMostRows = 8, kMostColumns = 8;  // shown in full, else half at each end

template <class Number>
Number read_number(Bytes data, uint64_t position) {
  Number number;
  std::memcpy(&number, data.data() + position * sizeof number, sizeof number);
  return number;
}

template <class Number>
std::string number_text(Number number) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::isnan(number)) return "nan";
  }
  std::array<char, 64> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return std::string(text.data(), end);
}

float from_bfloat16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

float from_float16(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const auto fraction = static_cast<float>(bits & 1023);
  float value = 0;
  if (exponent == 31)
    value = fraction == 0 ? INFINITY : NAN;
  else if (exponent == 0)
    value = std::ldexp(fraction, -24);
  else
    value = std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -value : value;
}

// Calls `use` with the element as a number of C++.
template <class Use>
auto with_element(const DataType& type, Bytes data, uint64_t at, Use use) {
  const std::string_view name = type.name;
  if (name == "float16") return use(from_float16(read_number<uint16_t>(data, at)));
  if (name == "bfloat16") return use(from_bfloat16(read_number<uint16_t>(data, at)));
  if (name == "float32") return use(read_number<float>(data, at));
  if (name == "float64") return use(read_number<double>(data, at));
  if (name == "int8") return use(read_number<int8_t>(data, at));
  if (name == "int16") return use(read_number<int16_t>(data, at));
  if (name == "int32") return use(read_number<int32_t>(data, at));
  if (name == "int64") return use(read_number<int64_t>(data, at));
  if (name == "uint16") return use(read_number<uint16_t>(data, at));
  if (name == "uint32") return use(read_number<uint32_t>(data, at));
  if (name == "uint64") return use(read_number<uint64_t>(data, at));
  return use(read_number<uint8_t>(data, at));  // uint8, bool
}

// The positions of [0, count) that are shown; a gap stands for the others.
template <class Show, class Gap>
void show_some(uint64_t count, uint64_t most, Show show, Gap gap) {
  for (uint64_t i = 0; i < count; ++i) {
    if (count > most && i == most / 2) {
      gap();
      i = count - most / 2;
    }
    show(i);
  }
}

}  // namespace

std::string value_text(char letter, Bytes bits) {
  switch (letter) {
    case 'i':
      return number_text(read_number<int32_t>(bits, 0));
    case 'I':
      return number_text(read_number<int64_t>(bits, 0));
    case 'f':
      return number_text(read_number<float>(bits, 0));
    case 'F':
      return number_text(read_number<double>(bits, 0));
    case 'v': {
      std::string text = "i32x4:";
      for (uint64_t lane = 0; lane < 4; ++lane)
        text += (lane == 0 ? "" : ",") + number_text(read_number<int32_t>(bits, lane));
      return text;
    }
    default:
      return "null";
  }
}

std::string element_text(const DataType& type, Bytes data, uint64_t position) {
  if (type.name == "bool") return data[position] != 0 ? "true" : "false";
  return with_element(type, data, position, [](auto number) { return number_text(number); });
}

TensorSummary summarize_tensor(const TensorType& type, Bytes data) {
  TensorSummary summary;
  const uint64_t count = type.element_count();
  std::optional<double> least, most;
  uint64_t least_at = 0, most_at = 0;
  double sum = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const double value =
        with_element(*type.dtype, data, i, [](auto number) { return static_cast<double>(number); });
    if (std::isnan(value)) {
      ++summary.nan_count;
      continue;
    }
    sum += value;
    if (!least || value < *least) least = value, least_at = i;
    if (!most || value > *most) most = value, most_at = i;
  }
  if (!least) return summary;
  summary.minimum = element_text(*type.dtype, data, least_at);
  summary.maximum = element_text(*type.dtype, data, most_at);
  summary.mean = sum / static_cast<double>(count - summary.nan_count);
  return summary;
}

std::string tensor_text(const TensorType& type, Bytes data) {
  const TensorSummary summary = summarize_tensor(type, data);
  std::string text = tensor_type_text(type);
  if (!summary.minimum.empty()) {
    text += ", min " + summary.minimum + ", max " + summary.maximum + ", mean " +
            number_text(static_cast<float>(summary.mean));
  }
  if (summary.nan_count != 0) text += ", " + std::to_string(summary.nan_count) + " nan";
  text += '\n';
  const uint64_t count = type.element_count();
  if (count == 0) return text;
  const uint64_t columns = type.shape.empty() ? 1 : type.shape.back();
  const auto show_row = [&](uint64_t row) {
    text += ' ';
    show_some(
        columns, kMostColumns,
        [&](uint64_t column) {
          text += ' ' + element_text(*type.dtype, data, row * columns + column);
        },
        [&] { text += " ..."; });
    text += '\n';
  };
  show_some(count / columns, kMostRows, show_row, [&] { text += "  ...\n"; });
  return text;
}

}  // namespace wasmpack
