#include "support/cursor.h"

namespace wasmpack {

// At most ceil(bits / 7) bytes, and no set bit beyond `bits` in the last one (core specification,
// 5.2.2: other encodings are malformed).
uint64_t Cursor::read_uleb_slow(unsigned bits) {
  const uint64_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    if (at_ == end_) return fail_at("unexpected end of data in an integer", start), 0;
    const uint8_t byte = *at_++;
    const unsigned left = bits - shift;
    if (left < 7 && (byte & 0x7f) >> left != 0) return fail_at("integer is too large", start), 0;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return fail_at("integer is encoded in too many bytes", start), 0;
}

int64_t Cursor::read_sleb_slow(unsigned bits) {
  const uint64_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    if (at_ == end_) return fail_at("unexpected end of data in an integer", start), 0;
    const uint8_t byte = *at_++;
    const unsigned left = bits - shift;
    if (left < 7) {
      // The bits above the sign bit must repeat it.
      const unsigned top = static_cast<unsigned>(byte & 0x7f) >> (left - 1);
      if (top != 0 && top != (0x7fu >> (left - 1)))
        return fail_at("integer is too large", start), 0;
    }
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      const unsigned used = shift + 7;
      if (used < 64 && (byte & 0x40)) value |= ~uint64_t{0} << used;
      return static_cast<int64_t>(value);
    }
  }
  return fail_at("integer is encoded in too many bytes", start), 0;
}

}  // namespace wasmpack
