// The integers and the cursor. Oracle for integers: LLVM's encoder and decoder.
#include "support/cursor.h"

#include <vector>

#include <gtest/gtest.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Support/LEB128.h>
#include <llvm/Support/raw_ostream.h>

#include "support/byte_writer.h"
#include "support/leb128.h"
#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

// Values around every power of two, of both signs.
std::vector<uint64_t> interesting_values() {
  std::vector<uint64_t> values = {0};
  for (unsigned bit = 0; bit < 64; ++bit)
    for (int delta = -2; delta <= 2; ++delta) {
      const uint64_t value = (uint64_t{1} << bit) + static_cast<uint64_t>(delta);
      values.push_back(value);
      values.push_back(~value);
    }
  return values;
}

std::string llvm_uleb(uint64_t value, unsigned pad_to = 0) {
  llvm::SmallString<16> text;
  llvm::raw_svector_ostream out(text);
  llvm::encodeULEB128(value, out, pad_to);
  return text.str().str();
}

std::string llvm_sleb(int64_t value, unsigned pad_to = 0) {
  llvm::SmallString<16> text;
  llvm::raw_svector_ostream out(text);
  llvm::encodeSLEB128(value, out, pad_to);
  return text.str().str();
}

bool fits_unsigned(uint64_t value, unsigned bits) { return bits == 64 || value >> bits == 0; }
bool fits_signed(int64_t value, unsigned bits) {
  return bits == 64 || value >> (bits - 1) == 0 || value >> (bits - 1) == -1;
}

struct Decoded {
  bool ok;
  uint64_t value;
  size_t size;
};

// What the core specification (5.2.2) says of LLVM's answer: LLVM allows any number of padding
// bytes and always 64 bits.
template <class Decode, class Fits>
Decoded expect_decoded(Bytes bytes, unsigned bits, Decode decode, Fits fits) {
  const char* error = nullptr;
  unsigned size = 0;
  const auto value = decode(bytes.data(), &size, bytes.data() + bytes.size(), &error);
  const bool ok = error == nullptr && size <= (bits + 6) / 7 && fits(value, bits);
  return {ok, static_cast<uint64_t>(value), size};
}

Decoded expect_unsigned(Bytes bytes, unsigned bits) {
  return expect_decoded(bytes, bits, llvm::decodeULEB128, fits_unsigned);
}
Decoded expect_signed(Bytes bytes, unsigned bits) {
  return expect_decoded(bytes, bits, llvm::decodeSLEB128, fits_signed);
}

template <class Read>
void expect_same(Bytes bytes, const Decoded& expected, Read read, const char* what) {
  Cursor cursor(bytes, 100);
  const auto value = static_cast<uint64_t>(read(cursor));
  ASSERT_EQ(cursor.ok(), expected.ok) << what;
  if (expected.ok) {
    EXPECT_EQ(value, expected.value) << what;
    EXPECT_EQ(cursor.offset(), 100 + expected.size) << what;
  } else {
    EXPECT_EQ(value, 0u) << what;
    EXPECT_EQ(cursor.failure_offset(), 100u) << what << ": the offset of the integer's first byte";
    EXPECT_TRUE(cursor.at_end());
  }
}

void expect_all_widths(Bytes input) {
  using C = Cursor;
  const GuardedBytes guarded(input);
  const Bytes bytes = guarded.bytes();
  expect_same(bytes, expect_unsigned(bytes, 32), [](C& c) { return c.read_varuint32(); }, "u32");
  expect_same(bytes, expect_unsigned(bytes, 64), [](C& c) { return c.read_varuint64(); }, "u64");
  expect_same(
      bytes, expect_signed(bytes, 32), [](C& c) { return int64_t{c.read_varint32()}; }, "s32");
  expect_same(bytes, expect_signed(bytes, 33), [](C& c) { return c.read_varint33(); }, "s33");
  expect_same(bytes, expect_signed(bytes, 64), [](C& c) { return c.read_varint64(); }, "s64");
}

TEST(Leb128, ReadsWhatLlvmWrites) {
  for (const uint64_t value : interesting_values())
    for (const unsigned pad_to : {0u, 5u, 6u, 10u}) {
      expect_all_widths(as_bytes(llvm_uleb(value, pad_to)));
      expect_all_widths(as_bytes(llvm_sleb(static_cast<int64_t>(value), pad_to)));
    }
}

TEST(Leb128, JudgesRandomBytesLikeLlvm) {
  TestRandom random(1);
  for (int i = 0; i < 50'000; ++i) {
    // Not more than ten bytes, where LLVM's decoder shifts by too much.
    std::vector<uint8_t> bytes(random.below(11));
    // Three of four bytes go on, else nearly all integers would end in the first or second byte.
    for (uint8_t& byte : bytes) {
      const uint64_t number = random.next();
      byte = static_cast<uint8_t>(number);
      if (number >> 62 != 0) byte |= 0x80;
      if (number >> 32 & 1) byte = static_cast<uint8_t>(byte & 0x80 ? 0x80 : 0x7f);
    }
    expect_all_widths(bytes);
  }
}

TEST(Leb128, ElevenBytesAreTooMany) {
  const std::vector<uint8_t> bytes = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                      0x80, 0x80, 0x80, 0x80, 0};
  Cursor cursor(bytes);
  EXPECT_EQ(cursor.read_varuint64(), 0u);
  EXPECT_STREQ(cursor.failure(), "integer is encoded in too many bytes");
  Cursor signed_cursor(bytes);
  EXPECT_EQ(signed_cursor.read_varint64(), 0);
  EXPECT_FALSE(signed_cursor.ok());
}

TEST(Leb128, WritesWhatLlvmWrites) {
  for (const uint64_t value : interesting_values()) {
    const auto number = static_cast<int64_t>(value);
    uint8_t buffer[kPaddedLeb64];
    const std::string shortest = llvm_uleb(value);
    ASSERT_EQ(uleb_size(value), shortest.size());
    EXPECT_EQ(as_string({buffer, write_uleb(buffer, value)}), shortest);
    const std::string signed_shortest = llvm_sleb(number);
    ASSERT_EQ(sleb_size(number), signed_shortest.size());
    EXPECT_EQ(as_string({buffer, write_sleb(buffer, number)}), signed_shortest);

    for (const unsigned width : {kPaddedLeb32, kPaddedLeb64}) {
      if (shortest.size() <= width) {
        write_padded_uleb(buffer, value, width);
        EXPECT_EQ(as_string({buffer, width}), llvm_uleb(value, width));
      }
      if (signed_shortest.size() <= width) {
        write_padded_sleb(buffer, number, width);
        EXPECT_EQ(as_string({buffer, width}), llvm_sleb(number, width));
      }
    }
  }
}

TEST(Cursor, KeepsTheFirstFailureAndItsOffset) {
  const uint8_t bytes[] = {1, 2, 3};
  Cursor cursor(bytes, 0x40);
  EXPECT_EQ(cursor.read_u8(), 1);
  EXPECT_EQ(cursor.read_u32_le(), 0u);  // two bytes are left
  EXPECT_FALSE(cursor.ok());
  EXPECT_STREQ(cursor.failure(), "unexpected end of data");
  EXPECT_EQ(cursor.failure_offset(), 0x41u);
  EXPECT_EQ(cursor.read_u8(), 0);
  EXPECT_TRUE(cursor.read_bytes(1).empty());
  cursor.fail("something else");
  EXPECT_STREQ(cursor.failure(), "unexpected end of data");
  EXPECT_EQ(cursor.failure_offset(), 0x41u);
}

TEST(Cursor, ReadsLittleEndianAndNames) {
  const uint8_t bytes[] = {0x78, 0x56, 0x34, 0x12, 2, 'a', 'b', 0, 9};
  Cursor cursor(bytes);
  EXPECT_EQ(cursor.read_u32_le(), 0x12345678u);
  EXPECT_EQ(cursor.read_name(), "ab");
  EXPECT_EQ(cursor.read_name(), "");
  EXPECT_EQ(cursor.remaining(), 1u);
  EXPECT_TRUE(cursor.ok());
  EXPECT_EQ(cursor.read_name(), "");  // says nine bytes, none follow
  EXPECT_FALSE(cursor.ok());
}

TEST(Cursor, RefusesSizesThatWrapAround) {
  const GuardedBytes guarded(as_bytes("abc"));
  Cursor cursor(guarded.bytes());
  EXPECT_TRUE(cursor.read_bytes(UINT64_MAX).empty());
  EXPECT_FALSE(cursor.ok());
}

TEST(Cursor, RefusesCountsThatCannotBeTrue) {
  // Items take a byte at least: three items in two bytes is a lie, two are not.
  const uint8_t lie[] = {3, 0, 0};
  Cursor liar(lie, 10);
  EXPECT_EQ(liar.read_count(), 0u);
  EXPECT_EQ(liar.failure_offset(), 10u);
  const uint8_t truth[] = {2, 0, 0};
  Cursor honest(truth);
  EXPECT_EQ(honest.read_count(), 2u);
  EXPECT_TRUE(honest.ok());
}

TEST(Cursor, ReadsNothingFromNothing) {
  Cursor cursor(Bytes{});
  EXPECT_TRUE(cursor.at_end());
  EXPECT_TRUE(cursor.ok());
  EXPECT_TRUE(cursor.read_bytes(0).empty());
  EXPECT_TRUE(cursor.ok());
  EXPECT_EQ(cursor.read_varuint32(), 0u);
  EXPECT_FALSE(cursor.ok());
}

TEST(ByteWriter, WritesWhatTheCursorReads) {
  ByteWriter out;
  out.write_u8(7);
  out.write_u32_le(0xdeadbeef);
  out.write_varuint(300);
  out.write_varint(-300);
  out.write_padded_varuint(5, 5);
  out.write_name("name");
  out.write_sized(Bytes{});
  out.write_bytes(Bytes{});
  out.extend(2)[1] = 0x55;
  Cursor in(out.bytes());
  EXPECT_EQ(in.read_u8(), 7);
  EXPECT_EQ(in.read_u32_le(), 0xdeadbeef);
  EXPECT_EQ(in.read_varuint32(), 300u);
  EXPECT_EQ(in.read_varint32(), -300);
  const uint64_t before = in.offset();
  EXPECT_EQ(in.read_varuint32(), 5u);
  EXPECT_EQ(in.offset() - before, 5u);
  EXPECT_EQ(in.read_name(), "name");
  EXPECT_EQ(in.read_name(), "");
  EXPECT_EQ(in.read_u8(), 0);
  EXPECT_EQ(in.read_u8(), 0x55);
  EXPECT_TRUE(in.ok() && in.at_end());
}

}  // namespace
}  // namespace wasmpack
