#include "support/tar.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace wasmpack {
namespace {

constexpr size_t kBlock = 512;

// A field of the header: offset and width in bytes.
struct Field {
  size_t offset, width;
};
constexpr Field kName = {0, 100}, kSize = {124, 12}, kChecksum = {148, 8}, kType = {156, 1},
                kMagic = {257, 5}, kPrefix = {345, 155};
// A header has 512 bytes, and what is kept of an empty member is not much less.
constexpr size_t kMostMembers = 100'000;

std::string_view raw_field(Bytes header, Field field) {
  return as_string(header.subspan(field.offset, field.width));
}

std::string_view text_field(Bytes header, Field field) {
  const std::string_view raw = raw_field(header, field);
  return raw.substr(0, raw.find('\0'));
}

// Octal digits between blanks; or, with the high bit set, a big-endian number (GNU).
std::optional<uint64_t> number_field(Bytes header, Field field) {
  const std::string_view raw = raw_field(header, field);
  uint64_t value = 0;
  if (static_cast<uint8_t>(raw[0]) & 0x80) {
    for (const char c : raw.substr(1)) {
      if (value >> 55) return std::nullopt;
      value = value << 8 | static_cast<uint8_t>(c);
    }
    return value;
  }
  for (const char c : raw) {
    if (c == ' ' || c == '\0') continue;
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<uint64_t>(c - '0');
  }
  return value;
}

bool has_right_checksum(Bytes header) {
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const bool is_checksum = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.width;
    sum += is_checksum ? ' ' : header[i];
  }
  return number_field(header, kChecksum) == sum;
}

bool is_zero(Bytes block) {
  return std::ranges::all_of(block, [](uint8_t byte) { return byte == 0; });
}

// What a pax header says of the next member.
struct PaxFacts {
  std::string path;  // "" where it says nothing
  bool is_sparse = false;
};

// Records "30 path=some/name\n", the number being the length of all of it. Nothing if damaged.
std::optional<PaxFacts> read_pax(std::string_view text) {
  PaxFacts facts;
  while (!text.empty()) {
    size_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    const size_t digits = static_cast<size_t>(end - text.data());
    if (error != std::errc{} || length > text.size() || length < digits + 2) return std::nullopt;
    std::string_view record = text.substr(0, length);
    text.remove_prefix(length);
    if (record[digits] != ' ' || record.back() != '\n') return std::nullopt;
    record = record.substr(digits + 1, length - digits - 2);
    constexpr std::string_view kPath = "path=";
    if (record.starts_with(kPath)) facts.path = record.substr(kPath.size());
    if (record.starts_with("GNU.sparse.")) facts.is_sparse = true;
  }
  return facts;
}

}  // namespace

bool is_tar(Bytes bytes) { return bytes.size() >= kBlock && raw_field(bytes, kMagic) == "ustar"; }

Result<std::vector<TarMember>> read_tar(Bytes bytes, std::string_view file) {
  std::vector<TarMember> members;
  std::string long_name;  // of the next member
  PaxFacts pax;           // of the next member
  size_t at = 0;
  const auto damaged = [&](std::string_view what) {
    return fail("bad-tar", {.file = std::string(file), .offset = at},
                "damaged tar archive: " + std::string(what));
  };
  while (bytes.size() - at >= kBlock) {
    const Bytes header = bytes.subspan(at, kBlock);
    if (is_zero(header)) break;  // the end mark
    if (!has_right_checksum(header)) return damaged("a header's checksum is wrong");
    const std::optional<uint64_t> size = number_field(header, kSize);
    if (!size) return damaged("a member's size is no number");
    const size_t left = bytes.size() - at - kBlock;
    if (*size > left) return damaged("a member is longer than the file");
    const Bytes content = bytes.subspan(at + kBlock, static_cast<size_t>(*size));
    const char type = raw_field(header, kType)[0];
    if (type == 'L') {
      long_name = as_string(content).substr(0, as_string(content).find('\0'));
    } else if (type == 'x') {
      std::optional<PaxFacts> facts = read_pax(as_string(content));
      if (!facts) return damaged("a pax header is malformed");
      pax = std::move(*facts);
    } else {
      std::string name = pax.path.empty() ? std::move(long_name) : std::move(pax.path);
      const bool is_sparse = pax.is_sparse;
      long_name.clear();
      pax = {};
      if (name.empty()) {
        const std::string_view prefix = text_field(header, kPrefix);
        if (!prefix.empty()) name = std::string(prefix) + "/";
        name += text_field(header, kName);
      }
      constexpr std::string_view kNoFiles = "5gKV";  // folders, headers of pax and GNU
      const bool is_file = type == '0' || type == '\0' || type == '7';
      if (is_file && !is_sparse) {
        if (members.size() == kMostMembers) return damaged("it has more than 100,000 members");
        members.push_back({std::move(name), content});
      } else if (is_file || kNoFiles.find(type) == kNoFiles.npos) {
        return fail("bad-tar", {.file = std::string(file), .member = name, .offset = at},
                    "this member of the tar archive is a link, a sparse file or a device",
                    "make the archive of plain files (tar --dereference --hard-dereference)");
      }
    }
    const size_t padded = (static_cast<size_t>(*size) + kBlock - 1) / kBlock * kBlock;
    at += kBlock + std::min(padded, left);
  }
  // The end mark may be missing, but nothing may be cut.
  if (!is_zero(bytes.subspan(at, std::min(bytes.size() - at, kBlock))))
    return damaged("the file ends within a header");
  return members;
}

}  // namespace wasmpack
