// Text rows by the million: a buffer in front of a stream, with integers formatted in place.
//
// llvm::raw_ostream alone takes some 15 ns for each piece of a row; a listing of relocations has
// ten million pieces.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include <llvm/Support/raw_ostream.h>

namespace wasmpack {

// Decimal digits of `value`.
constexpr unsigned decimal_digits(uint64_t value) {
  unsigned digits = 1;
  for (; value >= 10; value /= 10) ++digits;
  return digits;
}
// Hexadecimal digits of `value`.
constexpr unsigned hex_digits(uint64_t value) {
  unsigned digits = 1;
  for (; value >= 16; value >>= 4) ++digits;
  return digits;
}

class TextWriter {
 public:
  // What reserve() may be asked for.
  static constexpr size_t kMaxReserve = size_t{16} << 10;

  explicit TextWriter(llvm::raw_ostream& out)
      : out_(out), buffer_(std::make_unique_for_overwrite<char[]>(kSize)), at_(buffer_.get()) {}
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter() { flush(); }

  void flush() {
    out_.write(buffer_.get(), static_cast<size_t>(at_ - buffer_.get()));
    at_ = buffer_.get();
  }

  // Room for `size` characters, at most kMaxReserve; advance() says where they end.
  char* reserve(size_t size) {
    if (static_cast<size_t>(buffer_.get() + kSize - at_) < size) flush();
    return at_;
  }
  void advance(char* end) { at_ = end; }

  TextWriter& write(std::string_view text) {
    if (text.size() > kMaxReserve) {
      flush();
      out_.write(text.data(), text.size());
      return *this;
    }
    char* at = reserve(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at_ = at + text.size();
    return *this;
  }
  TextWriter& write(char character) {
    *reserve(1) = character;
    ++at_;
    return *this;
  }
  TextWriter& write_spaces(size_t count) {
    for (; count > kMaxReserve; count -= kMaxReserve) write_spaces(kMaxReserve);
    std::memset(reserve(count), ' ', count);
    at_ += count;
    return *this;
  }
  // `width` 0: as wide as it is; else blanks stand before it.
  TextWriter& write_number(uint64_t value, unsigned width = 0) {
    char digits[20];
    const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    const auto length = static_cast<size_t>(end - digits);
    if (width > length) write_spaces(width - length);
    return write({digits, length});
  }
  // "0x" and at least `digits` hexadecimal digits.
  TextWriter& write_hex(uint64_t value, unsigned digits = 1) {
    at_ = format_hex(reserve(18), value, digits);
    return *this;
  }
  // Text and blanks, together `width` characters (more if it is longer); for ASCII.
  TextWriter& write_padded(std::string_view text, size_t width) {
    write(text);
    return text.size() < width ? write_spaces(width - text.size()) : *this;
  }

  // The same into a row under construction. Returns its new end.
  static char* format_hex(char* at, uint64_t value, unsigned digits) {
    constexpr char kDigits[] = "0123456789abcdef";
    const unsigned needed = hex_digits(value);
    if (digits < needed) digits = needed;
    *at++ = '0';
    *at++ = 'x';
    for (unsigned i = digits; i-- != 0; value >>= 4) at[i] = kDigits[value & 15];
    return at + digits;
  }
  static char* format_number(char* at, uint64_t value) {
    return std::to_chars(at, at + 20, value).ptr;
  }
  static char* format_text(char* at, std::string_view text) {
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return at + text.size();
  }

 private:
  static constexpr size_t kSize = size_t{256} << 10;

  llvm::raw_ostream& out_;
  std::unique_ptr<char[]> buffer_;
  char* at_;
};

}  // namespace wasmpack
