#include "runner/argument.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runner/trampoline.h"

namespace wasmpack {
namespace {

constexpr std::string_view kGrammar =
    "numbers are written 3, -1.5, 0x10, nan, inf; tensors x.npy, inout:x.npy, out:float32[4,4]";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Result<CallArgument> read_tensor(CallArgument argument, std::string_view path) {
  if (path.empty()) {
    return fail("run-argument", {}, "'" + argument.text + "' names no file",
                "write in:x.npy or inout:x.npy");
  }
  Result<InputFile> file = InputFile::open(std::string(path));
  if (!file) return tl::make_unexpected(std::move(file.error()));
  Result<NpyTensor> tensor = read_npy(file->bytes(), path);
  if (!tensor) return tl::make_unexpected(std::move(tensor.error()));
  argument.tensor = std::move(tensor->type);
  argument.data = tensor->data;
  argument.file.emplace(std::move(*file));
  return argument;
}

template <class Number>
std::vector<uint8_t> bits_of(Number number) {
  std::vector<uint8_t> bits(kValueBytes);
  std::memcpy(bits.data(), &number, sizeof number);
  return bits;
}

// An integer of so many bits, signed or not: its two's complement.
std::optional<uint64_t> parse_integer(std::string_view text, unsigned width) {
  const bool is_negative = take_prefix(text, "-");
  if (!is_negative) take_prefix(text, "+");
  const bool is_hex = take_prefix(text, "0x") || take_prefix(text, "0X");
  uint64_t magnitude = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, magnitude, is_hex ? 16 : 10);
  if (error != std::errc() || at != end) return std::nullopt;
  const uint64_t most = width == 64 ? UINT64_MAX : (uint64_t{1} << width) - 1;
  if (magnitude > (is_negative ? most / 2 + 1 : most)) return std::nullopt;
  return (is_negative ? ~magnitude + 1 : magnitude) & most;
}

// strtod takes blanks and knows no limits; what it would take beyond our grammar is refused first.
template <class Float>
std::optional<Float> parse_float(std::string_view text, Float (*parse)(const char*, char**)) {
  constexpr std::string_view kLetters = "0123456789abcdefABCDEFxXpP+-.nNiItTyY";
  if (text.empty() || text.find_first_not_of(kLetters) != text.npos) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const Float number = parse(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  const bool says_infinite = text.find_first_of("iI") != text.npos;
  if (std::isinf(number) && !says_infinite) return std::nullopt;
  return number;
}

struct LaneType {
  std::string_view name;
  unsigned count;
  char letter;  // of float lanes; 0 for integers
};
constexpr LaneType kLaneTypes[] = {{"i8x16:", 16, 0}, {"i16x8:", 8, 0},   {"i32x4:", 4, 0},
                                   {"i64x2:", 2, 0},  {"f32x4:", 4, 'f'}, {"f64x2:", 2, 'F'}};

ParsedNumber parse_vector(std::string_view text) {
  const ParsedNumber bad = {{}, "is no vector like i32x4:1,2,3,4"};
  const auto* type = std::ranges::find_if(
      kLaneTypes, [&](const LaneType& lanes) { return text.starts_with(lanes.name); });
  if (type == std::end(kLaneTypes)) return bad;
  text.remove_prefix(type->name.size());
  ParsedNumber result;
  const size_t width = kValueBytes / type->count;
  for (unsigned lane = 0; lane < type->count; ++lane) {
    const bool is_last = lane + 1 == type->count;
    const size_t end = is_last ? text.size() : text.find(',');
    if (end == text.npos) return bad;
    const std::string_view number = text.substr(0, end);
    std::vector<uint8_t> bits;
    if (type->letter != 0) {
      bits = parse_number(number, type->letter).bits;
    } else if (const auto integer = parse_integer(number, static_cast<unsigned>(8 * width))) {
      bits = bits_of(*integer);
    }
    if (bits.empty()) return bad;
    result.bits.insert(result.bits.end(), bits.begin(),
                       bits.begin() + static_cast<ptrdiff_t>(width));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

bool is_integer_text(std::string_view text) { return parse_integer(text, 64).has_value(); }

ParsedNumber parse_number(std::string_view text, char letter) {
  switch (letter) {
    case 'i':
      if (const auto number = parse_integer(text, 32)) return {bits_of(*number), {}};
      return {{}, "is no i32: an integer from -2147483648 to 4294967295"};
    case 'I':
      if (const auto number = parse_integer(text, 64)) return {bits_of(*number), {}};
      return {{}, "is no i64: an integer from -2^63 to 2^64-1"};
    case 'f':
      if (const auto number = parse_float<float>(text, std::strtof)) return {bits_of(*number), {}};
      return {{}, "is no f32: a number that fits, nan or inf"};
    case 'F':
      if (const auto number = parse_float<double>(text, std::strtod)) return {bits_of(*number), {}};
      return {{}, "is no f64: a number that fits, nan or inf"};
    default:
      return parse_vector(text);
  }
}

Result<CallArgument> read_argument(std::string_view text) {
  CallArgument argument;
  argument.text = text;
  if (text == "null") {
    argument.kind = ArgumentKind::null;
    return argument;
  }
  if (text == "out") {
    argument.kind = ArgumentKind::output;
    return argument;
  }
  std::string_view rest = text;
  if (take_prefix(rest, "out:")) {
    argument.kind = ArgumentKind::output;
    ParsedTensorType parsed = parse_tensor_type(rest);
    if (!parsed.problem.empty())
      return fail("run-argument", {}, "'" + argument.text + "' " + parsed.problem);
    argument.tensor = std::move(parsed.type);
    return argument;
  }
  if (take_prefix(rest, "inout:")) {
    argument.kind = ArgumentKind::inout;
    return read_tensor(std::move(argument), rest);
  }
  if (take_prefix(rest, "in:") || rest.ends_with(".npy")) {
    argument.kind = ArgumentKind::input;
    return read_tensor(std::move(argument), rest);
  }
  const bool is_number = std::ranges::any_of(std::string_view("Fv"), [&](char letter) {
    return !parse_number(text, letter).bits.empty();
  });
  if (!is_number && !is_integer_text(text)) {
    return fail("run-argument", {}, "'" + argument.text + "' is neither a number nor a tensor",
                std::string(kGrammar));
  }
  return argument;
}

}  // namespace wasmpack
