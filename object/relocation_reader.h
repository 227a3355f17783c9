// Decodes the entries of a relocation section, one after the other.
//
// This is the innermost loop of a link: a large one decodes millions of entries twice. So there is
// a checked path, which says what is wrong, and a fast one, which only says that something is.
#pragma once

#include "object/relocation.h"
#include "support/bytes.h"
#include "support/cursor.h"

namespace wasmpack {

// The checked path. An unknown kind or a bad integer makes the cursor fail.
inline Relocation read_relocation(Cursor& cursor) {
  Relocation relocation{cursor.read_u8(), 0, 0, 0};
  const RelocationInfo* info = find_relocation_info(relocation.kind);
  if (info == nullptr) {
    if (cursor.ok()) cursor.fail_at("unknown relocation kind", cursor.offset() - 1);
    return relocation;
  }
  relocation.offset = cursor.read_varuint32();
  relocation.index = cursor.read_varuint32();
  if (info->has_addend) {
    // 64-bit kinds have 64-bit addends in LLVM's objects, whatever Linking.md says.
    relocation.addend = cursor.read_varint64();
  }
  return relocation;
}

// The fast path: `while (reader.next(relocation)) ...`, then failed(). It never reads outside the
// entries, whatever they hold.
class RelocationReader {
 public:
  RelocationReader() = default;
  explicit RelocationReader(Bytes entries)
      : at_(entries.data()), end_(entries.data() + entries.size()) {}

  // Where the next entry begins.
  const uint8_t* position() const { return at_; }
  // Whether next() stopped at a malformed entry instead of at the end; position() is there.
  bool failed() const { return failed_; }

  bool next(Relocation& relocation) {
    if (end_ - at_ < kLongestEntry) [[unlikely]]
      return next_checked(relocation);
    const uint8_t* at = at_;
    relocation.kind = *at++;
    bool ok = relocation.kind < kRelocationKinds;
    relocation.offset = read_uleb32(at, ok);
    relocation.index = read_uleb32(at, ok);
    relocation.addend = 0;
    if (ok && relocation_table::kRelocationTable[relocation.kind].has_addend)
      relocation.addend = read_sleb64(at, ok);
    if (!ok) [[unlikely]]
      return failed_ = true, false;
    at_ = at;
    return true;
  }

 private:
  static constexpr ptrdiff_t kLongestEntry = 1 + 5 + 5 + 10;

  bool next_checked(Relocation& relocation) {
    if (at_ == end_) return false;
    Cursor cursor({at_, static_cast<size_t>(end_ - at_)});
    relocation = read_relocation(cursor);
    failed_ = !cursor.ok();
    if (!failed_) at_ = cursor.position();
    return !failed_;
  }

  static uint32_t read_uleb32(const uint8_t*& at, bool& ok) {
    uint32_t byte = *at++;
    if (byte < 0x80) return byte;
    uint32_t value = byte & 0x7f;
    byte = *at++;
    value |= (byte & 0x7f) << 7;
    if (byte < 0x80) return value;
    byte = *at++;
    value |= (byte & 0x7f) << 14;
    if (byte < 0x80) return value;
    byte = *at++;
    value |= (byte & 0x7f) << 21;
    if (byte < 0x80) return value;
    byte = *at++;
    ok &= byte <= 0x0f;
    return value | byte << 28;
  }

  static int64_t read_sleb64(const uint8_t*& at, bool& ok) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint64_t byte;
    do {
      byte = *at++;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 63);
    if (byte >= 0x80) {  // the tenth byte holds the sign bit only
      byte = *at++;
      ok &= byte == 0 || byte == 0x7f;
      return static_cast<int64_t>(value | byte << 63);
    }
    if (byte & 0x40) value |= shift < 64 ? ~uint64_t{0} << shift : 0;
    return static_cast<int64_t>(value);
  }

  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  bool failed_ = false;
};

}  // namespace wasmpack
