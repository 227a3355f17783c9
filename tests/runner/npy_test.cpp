// .npy files: what numpy writes is read, and what is no such file is refused without a large
// allocation.
#include "runner/npy.h"

#include <string>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

std::string make_file(const std::string& header, const std::string& data, int version = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    file += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return file + header + data;
}

std::string make_header(const std::string& descr, const std::string& shape,
                        const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

// The error's text; "" if there is none.
std::string refusal(const std::string& file) {
  const Result<NpyTensor> tensor = read_npy(as_bytes(file), "x.npy");
  return tensor ? std::string() : tensor.error().message;
}

TEST(Npy, ReadsEveryVersion) {
  for (const int version : {1, 2, 3}) {
    const std::string file = make_file(make_header("<i2", "(2, 3)"), "abcdefghijkl", version);
    const Result<NpyTensor> tensor = read_npy(as_bytes(file), "x.npy");
    ASSERT_TRUE(tensor) << version;
    EXPECT_EQ(tensor_type_text(tensor->type), "int16[2,3]");
    EXPECT_EQ(as_string(tensor->data), "abcdefghijkl");
  }
}

TEST(Npy, ReadsEveryShape) {
  const auto shape_of = [](const std::string& shape, const std::string& data) {
    const std::string file = make_file(make_header("|u1", shape), data);
    const Result<NpyTensor> tensor = read_npy(as_bytes(file), "x.npy");
    return tensor ? tensor_type_text(tensor->type) : tensor.error().message;
  };
  EXPECT_EQ(shape_of("()", "a"), "uint8[]");
  EXPECT_EQ(shape_of("(2,)", "ab"), "uint8[2]");
  EXPECT_EQ(shape_of("(2L, 1L)", "ab"), "uint8[2,1]");
  EXPECT_EQ(shape_of("(3, 0, 2)", ""), "uint8[3,0,2]");
  EXPECT_EQ(shape_of("(0, 99999999999999999)", ""), "uint8[0,99999999999999999]");
}

TEST(Npy, WritesWhatItReads) {
  for (const DataType& dtype : kDataTypes) {
    for (const std::vector<uint64_t>& shape :
         {std::vector<uint64_t>{}, {3}, {2, 3}, {1, 2, 3}, {0, 4}}) {
      const TensorType type{.dtype = &dtype, .shape = shape};
      const std::string data(type.byte_size(), 'x');
      const std::vector<uint8_t> file = write_npy(type, as_bytes(data));
      EXPECT_EQ((file.size() - data.size()) % 64, 0u);
      const Result<NpyTensor> tensor = read_npy(file, "x.npy");
      ASSERT_TRUE(tensor) << tensor.error().message;
      EXPECT_EQ(tensor_type_text(tensor->type), tensor_type_text(type));
      EXPECT_EQ(as_string(tensor->data), data);
    }
  }
}

TEST(Npy, WritesTheBytesOfNumpy) {
  const TensorType type{.dtype = find_data_type("float32"), .shape = {2}};
  const std::vector<uint8_t> file = write_npy(type, as_bytes("12345678"));
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  EXPECT_EQ(as_string(file), std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header +
                                 std::string(117 - header.size(), ' ') + "\n12345678");
}

TEST(Npy, RefusesWhatABundleDoesNotHave) {
  EXPECT_EQ(refusal(make_file(make_header(">f4", "(1,)"), "1234")),
            "its numbers are big endian (>f4)");
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(1, 1)", "True"), "1234")),
            "it is in Fortran order");
  EXPECT_EQ(refusal(make_file(make_header("<c8", "(1,)"), "12345678")),
            "its element type '<c8' is not one of a bundle");
  EXPECT_EQ(refusal(make_file(make_header("", "(1,)"), "1")),
            "its element type '' is not one of a bundle");
  EXPECT_EQ(refusal(make_file("{'descr': [('a', '<f4')], 'shape': (1,)}", "1234")),
            "its header has a structured element type");
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(1,)", "True"), "1234")), "");
}

TEST(Npy, RefusesSizesThatLie) {
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(2,)"), "1234")),
            "its shape float32[2] takes 8 bytes, but 4 stand behind the header");
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(1,)"), "12345")),
            "its shape float32[1] takes 4 bytes, but 5 stand behind the header");
  // The product wraps around to 0 in 64 bits.
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(4294967296, 4294967296)"), "")),
            "it says that it has more than 1024 MiB");
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(18446744073709551616,)"), "")),
            "its header has a shape that is no list of lengths");
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(-1,)"), "")),
            "its header has a shape that is no list of lengths");
  std::string many = "(";
  for (size_t i = 0; i <= kMaxTensorRank; ++i) many += "1,";
  EXPECT_EQ(refusal(make_file(make_header("|u1", many + ")"), "a")),
            "its header has too many dimensions");
}

TEST(Npy, RefusesDamagedHeaders) {
  const std::string whole = make_file(make_header("<f4", "(1,)"), "1234");
  for (size_t size = 0; size + 4 < whole.size(); ++size)
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
  EXPECT_NE(refusal(make_file(make_header("<f4", "(1,)"), "1234", 4)), "");
  EXPECT_EQ(refusal(make_file("{}", "")), "its header lacks descr, fortran_order or shape");
  EXPECT_EQ(refusal(make_file("{'descr': '<f4', 'descr': '<f4'}", "")),
            "its header has a key twice");
  EXPECT_EQ(refusal(make_file("{'x': 1}", "")), "its header has an unknown key");
  EXPECT_EQ(refusal(make_file(make_header("<f4", "(1,)") + "1", "1234")),
            "its header has something behind its end");
  // A header of 4 GiB that is not there.
  EXPECT_NE(refusal(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13)), "");
}

}  // namespace
}  // namespace wasmpack
