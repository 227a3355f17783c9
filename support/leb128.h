// LEB128, the variable-length integers of WebAssembly (core specification, 5.2.2).
//
// Encoding is here; checked decoding of untrusted bytes is in support/cursor.h.
#pragma once

#include <bit>
#include <cstdint>

namespace wasmpack {

// Longest encodings of a 32-bit and a 64-bit value, in bytes. Relocated fields are always padded
// to one of these (Linking.md, "Relocation Sections").
inline constexpr unsigned kPaddedLeb32 = 5;
inline constexpr unsigned kPaddedLeb64 = 10;

// Bytes that `value` takes as an unsigned LEB128.
constexpr unsigned uleb_size(uint64_t value) {
  return value < 0x80 ? 1 : (static_cast<unsigned>(std::bit_width(value)) + 6) / 7;
}

// Bytes that `value` takes as a signed LEB128.
constexpr unsigned sleb_size(int64_t value) {
  const uint64_t magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  return (static_cast<unsigned>(std::bit_width(magnitude)) + 1 + 6) / 7;
}

// Writes `value` at `out` in its shortest form and returns the position behind it.
inline uint8_t* write_uleb(uint8_t* out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<uint8_t>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<uint8_t>(value);
  return out;
}

// Writes `value` at `out` in its shortest signed form and returns the position behind it.
inline uint8_t* write_sleb(uint8_t* out, int64_t value) {
  for (;;) {
    const auto byte = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    if ((value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40))) {
      *out++ = byte;
      return out;
    }
    *out++ = static_cast<uint8_t>(byte | 0x80);
  }
}

// Writes `value` at `out` in exactly `width` bytes. The value must fit (the caller checked).
inline void write_padded_uleb(uint8_t* out, uint64_t value, unsigned width) {
  for (unsigned i = 0; i + 1 < width; ++i) {
    out[i] = static_cast<uint8_t>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out[width - 1] = static_cast<uint8_t>(value & 0x7f);
}

// Writes `value` at `out` as a signed LEB128 in exactly `width` bytes.
inline void write_padded_sleb(uint8_t* out, int64_t value, unsigned width) {
  for (unsigned i = 0; i + 1 < width; ++i) {
    out[i] = static_cast<uint8_t>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out[width - 1] = static_cast<uint8_t>(value & 0x7f);
}

}  // namespace wasmpack
