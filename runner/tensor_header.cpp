#include "runner/tensor_header.h"

#include "support/byte_writer.h"

namespace wasmpack {
namespace {

void write_u64(ByteWriter& out, uint64_t value) {
  out.write_u32_le(static_cast<uint32_t>(value));
  out.write_u32_le(static_cast<uint32_t>(value >> 32));
}

// DLDataType and halide_type_t: code (u8), bits (u8), lanes (u16).
uint32_t element_type(uint32_t code, uint32_t bits) { return code | bits << 8 | 1u << 16; }

bool is_unsigned(const DataType& type) { return type.name.starts_with("uint"); }
bool is_float(const DataType& type) { return type.name.starts_with("float"); }

uint32_t dl_type(const DataType& type, bool is_ffi) {
  constexpr uint32_t kInteger = 0, kUnsigned = 1, kFloat = 2, kBfloat = 4, kBool = 6;
  if (type.name == "bool") return is_ffi ? element_type(kBool, 8) : element_type(kUnsigned, 1);
  const uint32_t code = type.name == "bfloat16" ? kBfloat
                        : is_float(type)        ? kFloat
                        : is_unsigned(type)     ? kUnsigned
                                                : kInteger;
  return element_type(code, 8 * type.bytes);
}

uint32_t halide_type(const DataType& type) {
  constexpr uint32_t kInteger = 0, kUnsigned = 1, kFloat = 2, kBfloat = 3;
  if (type.name == "bool") return element_type(kUnsigned, 1);
  const uint32_t code = type.name == "bfloat16" ? kBfloat
                        : is_float(type)        ? kFloat
                        : is_unsigned(type)     ? kUnsigned
                                                : kInteger;
  return element_type(code, 8 * type.bytes);
}

}  // namespace

TensorHeader make_dl_tensor(const TensorType& type, bool is_ffi) {
  constexpr uint32_t kCpu = 1;
  ByteWriter lengths;
  for (const uint64_t length : type.shape) write_u64(lengths, length);
  ByteWriter tensor;
  tensor.write_u32_le(0);  // data
  tensor.write_u32_le(kCpu);
  tensor.write_u32_le(0);  // which one
  tensor.write_u32_le(static_cast<uint32_t>(type.shape.size()));
  tensor.write_u32_le(dl_type(*type.dtype, is_ffi));
  tensor.write_u32_le(0);  // shape
  write_u64(tensor, 0);    // strides, and 4 bytes behind them
  write_u64(tensor, 0);    // byte offset
  return {
      .bytes = tensor.take(), .lengths = lengths.take(), .data_offset = 0, .lengths_offset = 20};
}

TensorHeader make_halide_buffer(const TensorType& type, bool has_content) {
  constexpr uint32_t kHostDirty = 1;
  ByteWriter dimensions;
  uint64_t stride = 1;
  for (size_t i = type.shape.size(); i-- > 0;) {
    dimensions.write_u32_le(0);  // min
    dimensions.write_u32_le(static_cast<uint32_t>(type.shape[i]));
    dimensions.write_u32_le(static_cast<uint32_t>(stride));
    dimensions.write_u32_le(0);  // flags
    stride *= type.shape[i];
  }
  ByteWriter buffer;
  write_u64(buffer, 0);  // device
  write_u64(buffer, 0);  // its interface, the elements
  write_u64(buffer, has_content ? kHostDirty : 0);
  buffer.write_u32_le(halide_type(*type.dtype));
  buffer.write_u32_le(static_cast<uint32_t>(type.shape.size()));
  write_u64(buffer, 0);  // dimensions, padding
  return {.bytes = buffer.take(),
          .lengths = dimensions.take(),
          .data_offset = 12,
          .lengths_offset = 32};
}

}  // namespace wasmpack
