// Numbers and tensor types as people write them.
#include "runner/argument.h"

#include <bit>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "runner/tensor_text.h"

namespace wasmpack {
namespace {

// The value as it is printed, or "refused".
std::string value_of(std::string_view text, char letter) {
  const ParsedNumber number = parse_number(text, letter);
  return number.bits.empty() ? "refused" : value_text(letter, number.bits);
}

TEST(Argument, ReadsIntegersOfTheirRange) {
  for (const auto& [text, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"0", "0"},
                                                                  {"-0", "0"},
                                                                  {"+7", "7"},
                                                                  {"0x10", "16"},
                                                                  {"-0x80000000", "-2147483648"},
                                                                  {"2147483648", "-2147483648"},
                                                                  {"4294967295", "-1"},
                                                                  {"4294967296", "refused"},
                                                                  {"-2147483649", "refused"},
                                                                  {"", "refused"},
                                                                  {"-", "refused"},
                                                                  {"--1", "refused"},
                                                                  {"0x", "refused"},
                                                                  {"1.0", "refused"},
                                                                  {"1e3", "refused"},
                                                                  {" 1", "refused"},
                                                                  {"1 ", "refused"},
                                                                  {"nan", "refused"}})
    EXPECT_EQ(value_of(text, 'i'), value) << text;
  EXPECT_EQ(value_of("-9223372036854775808", 'I'), "-9223372036854775808");
  EXPECT_EQ(value_of("18446744073709551615", 'I'), "-1");
  EXPECT_EQ(value_of("18446744073709551616", 'I'), "refused");
  EXPECT_EQ(value_of("-9223372036854775809", 'I'), "refused");
}

TEST(Argument, ReadsFloats) {
  for (const auto& [text, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"0.1", "0.1"},
                                                                  {"-.5", "-0.5"},
                                                                  {"1e-46", "0"},
                                                                  {"3.4028235e38", "3.4028235e+38"},
                                                                  {"3.5e38", "refused"},
                                                                  {"0x10", "16"},
                                                                  {"0x1.8p1", "3"},
                                                                  {"inf", "inf"},
                                                                  {"-inf", "-inf"},
                                                                  {"nan", "nan"},
                                                                  {"1f", "refused"},
                                                                  {"", "refused"},
                                                                  {"1,5", "refused"},
                                                                  {" 1", "refused"}})
    EXPECT_EQ(value_of(text, 'f'), value) << text;
  EXPECT_EQ(value_of("3.5e38", 'F'), "3.5e+38");
  EXPECT_EQ(value_of("1e309", 'F'), "refused");
  EXPECT_EQ(value_of("0.1", 'F'), "0.1");
}

TEST(Argument, ReadsVectors) {
  EXPECT_EQ(value_of("i32x4:1,-2,0x3,4", 'v'), "i32x4:1,-2,3,4");
  EXPECT_EQ(value_of("f32x4:1,0,0,-1", 'v'), "i32x4:1065353216,0,0,-1082130432");
  EXPECT_EQ(value_of("i64x2:4294967296,-1", 'v'), "i32x4:0,1,-1,-1");
  EXPECT_EQ(value_of("i16x8:1,0,0,0,0,0,0,65535", 'v'), "i32x4:1,0,0,-65536");
  EXPECT_EQ(value_of("f64x2:1,0", 'v'), "i32x4:0,1072693248,0,0");
  for (const char* text : {"i32x4:1,2,3", "i32x4:1,2,3,4,5", "i8x16:", "i32x5:1,2,3,4", "1", "",
                           "i16x8:65536,0,0,0,0,0,0,0"})
    EXPECT_EQ(value_of(text, 'v'), "refused") << text;
}

TEST(Argument, ReadsTensorTypes) {
  for (const char* text : {"float32[4,4]", "bool[]", "bfloat16[0]", "uint64[1,2,3]"}) {
    const ParsedTensorType parsed = parse_tensor_type(text);
    ASSERT_EQ(parsed.problem, "") << text;
    EXPECT_EQ(tensor_type_text(parsed.type), text);
  }
  for (const char* text :
       {"", "float32", "float32[", "float32]", "float33[1]", "[1]", "float32[1,]", "float32[,1]",
        "float32[-1]", "float32[1 2]", "float32[1]x", "float32[18446744073709551616]",
        "uint8[1073741825]", "float32[4294967296,4294967296]"})
    EXPECT_NE(parse_tensor_type(text).problem, "") << text;
}

TEST(Argument, KnowsWhatIsATensor) {
  EXPECT_EQ(read_argument("out:float32[2]")->kind, ArgumentKind::output);
  EXPECT_EQ(read_argument("out")->tensor, std::nullopt);
  EXPECT_EQ(read_argument("null")->kind, ArgumentKind::null);
  EXPECT_EQ(read_argument("-nan")->kind, ArgumentKind::number);
  EXPECT_FALSE(read_argument("/nowhere/x.npy"));
  EXPECT_FALSE(read_argument("inout:/nowhere"));
  EXPECT_FALSE(read_argument("in:/nowhere"));
  EXPECT_FALSE(read_argument("x"));
  EXPECT_FALSE(read_argument(""));
}

template <class Number>
std::string text_of(std::string_view dtype, Number number) {
  std::vector<uint8_t> bytes(sizeof number);
  std::memcpy(bytes.data(), &number, sizeof number);
  return element_text(*find_data_type(dtype), bytes, 0);
}

TEST(TensorText, ShowsEveryElementType) {
  EXPECT_EQ(text_of("float16", uint16_t{0x3c00}), "1");
  EXPECT_EQ(text_of("float16", uint16_t{0xc100}), "-2.5");
  EXPECT_EQ(text_of("float16", uint16_t{0x0001}), "5.9604645e-08");
  EXPECT_EQ(text_of("float16", uint16_t{0xfc00}), "-inf");
  EXPECT_EQ(text_of("float16", uint16_t{0x7e00}), "nan");
  EXPECT_EQ(text_of("bfloat16", uint16_t{0x4049}), "3.140625");
  EXPECT_EQ(text_of("float32", 0.1f), "0.1");
  EXPECT_EQ(text_of("float64", 0.1), "0.1");
  EXPECT_EQ(text_of("int8", int8_t{-5}), "-5");
  EXPECT_EQ(text_of("uint8", uint8_t{200}), "200");
  EXPECT_EQ(text_of("int64", std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text_of("uint64", UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(text_of("bool", uint8_t{1}), "true");
}

TEST(TensorText, SummarizesAndShortens) {
  const TensorType type{.dtype = find_data_type("uint8"), .shape = {10, 9}};
  std::vector<uint8_t> data(90);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i);
  const std::string text = tensor_text(type, data);
  EXPECT_EQ(text.substr(0, text.find('\n')), "uint8[10,9], min 0, max 89, mean 44.5");
  EXPECT_NE(text.find("\n  0 1 2 3 ... 5 6 7 8\n"), text.npos);
  EXPECT_NE(text.find("\n  27 28 29 30 ... 32 33 34 35\n  ...\n  54 55"), text.npos);

  const float numbers[] = {1, std::bit_cast<float>(0x7fc00000u)};
  const TensorType pair{.dtype = find_data_type("float32"), .shape = {2}};
  EXPECT_EQ(tensor_text(pair, {reinterpret_cast<const uint8_t*>(numbers), sizeof numbers}),
            "float32[2], min 1, max 1, mean 1, 1 nan\n  1 nan\n");
  const TensorType none{.dtype = find_data_type("float32"), .shape = {0}};
  EXPECT_EQ(tensor_text(none, {}), "float32[0]\n");
}

}  // namespace
}  // namespace wasmpack
