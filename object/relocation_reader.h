// Decodes the entries of a relocation section, one after the other.
#pragma once

#include "object/relocation.h"
#include "support/bytes.h"
#include "support/cursor.h"

namespace wasmpack {

// Reads one entry from untrusted bytes. An unknown kind or bad integer makes the cursor fail.
inline Relocation read_relocation(Cursor& cursor) {
  Relocation relocation{cursor.read_u8(), 0, 0, 0};
  const RelocationInfo* info = find_relocation_info(relocation.kind);
  if (info == nullptr) {
    if (cursor.ok()) cursor.fail("unknown relocation kind");
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

// The fast reader for entries that verify_object accepted: `while (!reader.at_end()) next()`.
// It still never leaves the entries: an input that changes on disk while it is mapped gives wrong
// values, not a wild read.
class RelocationReader {
 public:
  RelocationReader() = default;
  explicit RelocationReader(Bytes entries) : cursor_(entries) {}
  bool at_end() const { return cursor_.at_end(); }
  const uint8_t* position() const { return cursor_.position(); }
  Relocation next() { return read_relocation(cursor_); }

 private:
  Cursor cursor_{Bytes{}};
};

}  // namespace wasmpack
