// A checked cursor over untrusted bytes.
//
// Reads never pass the end. The first failure is remembered with its offset and moves the cursor to
// the end, so that loops written `for (i = 0; i < count && cursor.ok(); ++i)` stop at once; later
// reads return zero or nothing. The caller asks ok() where a half-read value would matter.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "support/bytes.h"

namespace wasmpack {

class Cursor {
 public:
  // `base` is the offset of bytes[0] in the file, so that errors name offsets of the file.
  explicit Cursor(Bytes bytes, uint64_t base = 0)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()), base_(base) {}

  bool ok() const { return failure_ == nullptr; }
  bool at_end() const { return at_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  // Offset of the next byte in the file.
  uint64_t offset() const { return base_ + static_cast<uint64_t>(at_ - begin_); }
  const uint8_t* position() const { return at_; }

  // What went wrong first ("unexpected end of data"), null if nothing did, and where.
  const char* failure() const { return failure_; }
  uint64_t failure_offset() const { return failure_offset_; }

  // Records a failure found by the caller; keeps an earlier one.
  void fail(const char* what) { fail_at(what, offset()); }
  void fail_at(const char* what, uint64_t offset) {
    if (failure_ == nullptr) {
      failure_ = what;
      failure_offset_ = offset;
    }
    at_ = end_;
  }

  uint8_t read_u8() {
    if (at_ == end_) [[unlikely]]
      return fail("unexpected end of data"), uint8_t{0};
    return *at_++;
  }

  uint32_t read_u32_le() {
    uint32_t value = 0;
    if (remaining() < sizeof value) return fail("unexpected end of data"), 0u;
    std::memcpy(&value, at_, sizeof value);  // every host we build for is little endian
    at_ += sizeof value;
    return value;
  }

  uint32_t read_varuint32() {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return *at_++;
    return static_cast<uint32_t>(read_uleb_slow(32));
  }
  uint64_t read_varuint64() {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return *at_++;
    return read_uleb_slow(64);
  }
  int32_t read_varint32() { return static_cast<int32_t>(read_sleb_slow(32)); }
  int64_t read_varint64() { return read_sleb_slow(64); }
  // The 33-bit signed integers of heap types and block types.
  int64_t read_varint33() { return read_sleb_slow(33); }

  // `size` bytes, or none and a failure.
  Bytes read_bytes(uint64_t size) {
    if (size > remaining()) return fail("unexpected end of data"), Bytes{};
    const Bytes bytes(at_, static_cast<size_t>(size));
    at_ += size;
    return bytes;
  }

  // A vector of bytes with its length before it. Names are not required to be UTF-8 here: what the
  // reader does not need to understand, it keeps.
  std::string_view read_name() { return as_string(read_bytes(read_varuint32())); }

  // A count of items that take at least one byte each; a larger one than bytes are left is a lie.
  uint32_t read_count() {
    const uint64_t at = offset();
    const uint32_t count = read_varuint32();
    if (count > remaining()) return fail_at("count is larger than the data behind it", at), 0u;
    return count;
  }

 private:
  uint64_t read_uleb_slow(unsigned bits);
  int64_t read_sleb_slow(unsigned bits);

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  uint64_t base_;
  const char* failure_ = nullptr;
  uint64_t failure_offset_ = 0;
};

}  // namespace wasmpack
