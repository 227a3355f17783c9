#include "object/archive.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::string_view kThinMagic = "!<thin>\n";
constexpr size_t kHeaderSize = 60;

// No file system allows a longer path. The bound keeps the search for a name's end from being
// quadratic when a hostile archive points a million members into one huge name.
constexpr size_t kMaxNameLength = 4096;

// The index of an archive comes in four encodings.
enum class IndexForm { none, gnu32, gnu64, bsd32, bsd64 };

struct RawMember {
  std::string_view name;  // as in the header, spaces at the end cut off; or the `#1/N` name
  bool is_bsd_name;       // it came from `#1/N`
  uint64_t offset;        // of the header
  Bytes bytes;            // without a `#1/N` name
};

// Decimal digits and then only spaces; nothing if it is anything else.
std::optional<uint64_t> parse_decimal(std::string_view field) {
  uint64_t value = 0;
  size_t i = 0;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '9'; ++i)
    value = value * 10 + static_cast<uint64_t>(field[i] - '0');
  if (i == 0 || field.find_first_not_of(' ', i) != std::string_view::npos) return std::nullopt;
  return value;
}

std::string_view trim_end(std::string_view text, char character) {
  const size_t last = text.find_last_not_of(character);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Darwin's format pads a member to a multiple of eight with newlines that count as its content
// (llvm-ar writes it on macOS by default; wasm-ld then fails with "section too large"). Behind the
// last section of a wasm file fewer than eight newlines cannot be anything else: they would begin a
// section of ten bytes.
Bytes cut_darwin_padding(Bytes bytes) {
  constexpr size_t kWasmHeaderSize = 8;
  if (bytes.size() < kWasmHeaderSize || bytes.back() != '\n' ||
      !as_string(bytes).starts_with(std::string_view("\0asm", 4)))
    return bytes;
  Cursor cursor(bytes.subspan(kWasmHeaderSize), kWasmHeaderSize);
  while (!cursor.at_end()) {
    const Bytes rest = bytes.last(cursor.remaining());
    if (rest.size() < 8 &&
        std::all_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte == '\n'; }))
      return bytes.first(bytes.size() - rest.size());
    cursor.read_u8();
    cursor.read_bytes(cursor.read_varuint32());
  }
  return bytes;
}

// Walks the members of an archive, whatever they are.
class ArchiveWalker {
 public:
  ArchiveWalker(Bytes bytes, std::string_view file, uint32_t order)
      : bytes_(bytes), file_(file), order_(order) {}

  // Must succeed before anything else is asked for.
  Result<void> read_magic() {
    if (is_thin_archive(bytes_))
      return fail(
          "thin-archive", where(0), "a thin archive names its members but does not hold them",
          "make it again with `ar` without the `T` modifier (and without `--thin`), or pass "
          "the members themselves");
    if (!is_archive(bytes_)) return fail("bad-archive", where(0), "not an archive");
    at_ = kMagic.size();
    return {};
  }

  // The padding behind the last member may be missing.
  bool at_end() const { return at_ >= bytes_.size(); }

  Result<RawMember> read_member() {
    const uint64_t offset = at_;
    if (bytes_.size() - offset < kHeaderSize)
      return fail("truncated-archive", where(offset),
                  "the archive ends inside a member header (" +
                      std::to_string(bytes_.size() - offset) + " of 60 bytes are there)",
                  "the file was not copied or written to its end: make or fetch it again");
    const std::string_view header = as_string(bytes_.subspan(offset, kHeaderSize));
    if (header.substr(58) != "`\n")
      return fail("bad-archive", where(offset + 58),
                  "a member header does not end with its two marker bytes");
    const std::optional<uint64_t> size = parse_decimal(header.substr(48, 10));
    if (!size)
      return fail("bad-archive", where(offset + 48), "the size in a member header is no number");

    RawMember member{trim_end(header.substr(0, 16), ' '), false, offset, {}};
    const uint64_t data = offset + kHeaderSize;
    if (*size > bytes_.size() - data)
      return fail("truncated-archive", where(offset),
                  "the member '" + std::string(member.name) + "' has " + std::to_string(*size) +
                      " bytes, but only " + std::to_string(bytes_.size() - data) +
                      " are left in the archive",
                  "the file was not copied or written to its end: make or fetch it again");
    member.bytes = bytes_.subspan(data, *size);
    at_ = data + *size + (*size & 1);

    if (member.name.starts_with("#1/")) {
      const std::optional<uint64_t> length = parse_decimal(member.name.substr(3));
      if (!length || *length > *size)
        return fail("bad-archive", where(offset),
                    "the name length '" + std::string(member.name) + "' does not fit the member");
      // Padded with NULs, so that the data behind it is aligned.
      const std::string_view name = as_string(member.bytes.first(*length));
      member.name = name.substr(0, name.find('\0'));
      member.is_bsd_name = true;
      member.bytes = cut_darwin_padding(member.bytes.subspan(*length));
    }
    return member;
  }

  Location where(uint64_t offset) const {
    Location location;
    location.file = file_;
    location.offset = offset;
    location.order = order_;
    return location;
  }

 private:
  Bytes bytes_;
  std::string_view file_;
  uint32_t order_;
  size_t at_ = 0;
};

IndexForm index_form(const RawMember& member) {
  const std::string_view name = member.name;
  if (!member.is_bsd_name) {
    if (name == "/") return IndexForm::gnu32;
    if (name == "/SYM64/") return IndexForm::gnu64;
  }
  if (name == "__.SYMDEF" || name == "__.SYMDEF SORTED") return IndexForm::bsd32;
  if (name == "__.SYMDEF_64" || name == "__.SYMDEF_64 SORTED") return IndexForm::bsd64;
  return IndexForm::none;
}

bool is_long_name_table(const RawMember& member) {
  return !member.is_bsd_name && member.name == "//";
}

// Members that serve Microsoft's linkers: "/<ECSYMBOLS>/", "/<XFGHASHMAP>/".
bool is_foreign_table(const RawMember& member) {
  return !member.is_bsd_name && member.name.starts_with("/<");
}

// The member's own name: `name/`, `name`, or `/123`, a place in the long-name table.
Result<std::string_view> resolve_name(const RawMember& member, std::string_view long_names,
                                      const ArchiveWalker& walker) {
  std::string_view name = member.name;
  if (member.is_bsd_name) return name;
  if (name.size() > 1 && name[0] == '/') {
    const std::optional<uint64_t> start = parse_decimal(name.substr(1));
    if (!start)
      return fail("bad-archive", walker.where(member.offset),
                  "'" + std::string(name) + "' is no member name");
    if (*start >= long_names.size())
      return fail("bad-archive", walker.where(member.offset),
                  "the name '" + std::string(name) + "' lies outside the table of long names (" +
                      std::to_string(long_names.size()) + " bytes)");
    const std::string_view tail = long_names.substr(*start, kMaxNameLength + 1);
    // GNU ends a name with "/\n"; Microsoft's tools with NUL.
    const size_t end = tail.find_first_of(std::string_view("\n\0", 2));
    if (end == std::string_view::npos)
      return fail("bad-archive", walker.where(member.offset),
                  "the name '" + std::string(name) + "' in the table of long names has no end");
    name = tail.substr(0, end);
  }
  if (name.ends_with('/')) name.remove_suffix(1);
  return name;
}

uint64_t read_integer(Bytes bytes, size_t at, unsigned width, bool big_endian) {
  uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    const unsigned shift = 8 * (big_endian ? width - 1 - i : i);
    value |= static_cast<uint64_t>(bytes[at + i]) << shift;
  }
  return value;
}

// Reads the entries of one index member; `find_member` turns a header's offset into a position.
class IndexReader {
 public:
  IndexReader(const RawMember& index, const std::vector<ArchiveMember>& members,
              const ArchiveWalker& walker)
      : bytes_(index.bytes), index_(index), members_(members), walker_(walker) {}

  Result<std::vector<ArchiveIndexEntry>> read(IndexForm form) {
    const unsigned width = form == IndexForm::gnu64 || form == IndexForm::bsd64 ? 8 : 4;
    return form == IndexForm::gnu32 || form == IndexForm::gnu64 ? read_gnu(width) : read_bsd(width);
  }

 private:
  // A count, that many offsets of headers (all big endian), that many names with NUL.
  Result<std::vector<ArchiveIndexEntry>> read_gnu(unsigned width) {
    if (bytes_.size() < width) return too_short();
    const uint64_t count = read_integer(bytes_, 0, width, true);
    if (count > (bytes_.size() - width) / width) return too_short();
    std::string_view names = as_string(bytes_.subspan(width + count * width));
    for (uint64_t i = 0; i < count; ++i) {
      const size_t end = names.find('\0');
      if (end == std::string_view::npos) return too_short();
      const uint64_t offset = read_integer(bytes_, width + i * width, width, true);
      if (!add(names.substr(0, end), offset)) return bad_offset(names.substr(0, end), offset);
      names.remove_prefix(end + 1);
    }
    return std::move(entries_);
  }

  // Bytes of the pairs, pairs (name's place, header's offset), bytes of the names, names with NUL;
  // all little endian, since that is what every host of today writes.
  Result<std::vector<ArchiveIndexEntry>> read_bsd(unsigned width) {
    if (bytes_.size() < width) return too_short();
    const uint64_t pairs_size = read_integer(bytes_, 0, width, false);
    if (pairs_size > bytes_.size() - width || bytes_.size() - width - pairs_size < width)
      return too_short();
    const size_t names_at = width + pairs_size + width;
    const uint64_t names_size = read_integer(bytes_, width + pairs_size, width, false);
    if (names_size > bytes_.size() - names_at) return too_short();
    const std::string_view names = as_string(bytes_.subspan(names_at, names_size));
    // Entries may share a name, but nobody shares one a thousand times: this bounds the work.
    uint64_t budget = 64 * (names_size + pairs_size);
    for (size_t at = width; at + 2 * width <= width + pairs_size; at += 2 * width) {
      const uint64_t start = read_integer(bytes_, at, width, false);
      if (start >= names.size()) return too_short();
      const std::string_view tail = names.substr(start);
      const size_t end = tail.find('\0');
      if (end == std::string_view::npos || end >= budget) return too_short();
      budget -= end;
      const uint64_t offset = read_integer(bytes_, at + width, width, false);
      if (!add(tail.substr(0, end), offset)) return bad_offset(tail.substr(0, end), offset);
    }
    return std::move(entries_);
  }

  bool add(std::string_view symbol, uint64_t offset) {
    const auto found = std::lower_bound(
        members_.begin(), members_.end(), offset,
        [](const ArchiveMember& member, uint64_t at) { return member.offset < at; });
    if (found == members_.end() || found->offset != offset) return false;
    entries_.push_back({symbol, static_cast<uint32_t>(found - members_.begin())});
    return true;
  }

  tl::unexpected<Diagnostic> too_short() const {
    return fail("bad-archive-index", walker_.where(index_.offset),
                "the archive's index is damaged: its counts and names do not fit its size",
                "make it again with `llvm-ranlib`");
  }
  tl::unexpected<Diagnostic> bad_offset(std::string_view symbol, uint64_t offset) const {
    return fail("bad-archive-index", walker_.where(index_.offset),
                "the archive's index says that the member at offset " + std::to_string(offset) +
                    " defines '" + std::string(symbol) + "', but no member begins there",
                "make it again with `llvm-ranlib`");
  }

  Bytes bytes_;
  const RawMember& index_;
  const std::vector<ArchiveMember>& members_;
  const ArchiveWalker& walker_;
  std::vector<ArchiveIndexEntry> entries_;
};

struct Contents {
  std::vector<ArchiveMember> members;
  std::optional<RawMember> index;  // the first one
};

Result<Contents> read_contents(ArchiveWalker& walker) {
  if (Result<void> magic = walker.read_magic(); !magic) return tl::unexpected(magic.error());
  Contents contents;
  std::string_view long_names;
  while (!walker.at_end()) {
    Result<RawMember> member = walker.read_member();
    if (!member) return tl::unexpected(member.error());
    if (index_form(*member) != IndexForm::none) {
      if (!contents.index) contents.index = *member;
    } else if (is_long_name_table(*member)) {
      long_names = as_string(member->bytes);
    } else if (!is_foreign_table(*member)) {
      const Result<std::string_view> name = resolve_name(*member, long_names, walker);
      if (!name) return tl::unexpected(name.error());
      contents.members.push_back({*name, member->offset, member->bytes});
    }
  }
  return contents;
}

}  // namespace

bool is_archive(Bytes bytes) { return as_string(bytes).starts_with(kMagic); }
bool is_thin_archive(Bytes bytes) { return as_string(bytes).starts_with(kThinMagic); }

Result<std::vector<ArchiveMember>> read_archive(Bytes bytes, std::string_view file,
                                                uint32_t order) {
  ArchiveWalker walker(bytes, file, order);
  Result<Contents> contents = read_contents(walker);
  if (!contents) return tl::unexpected(contents.error());
  return std::move(contents->members);
}

Result<std::vector<ArchiveIndexEntry>> read_archive_index(Bytes bytes, std::string_view file,
                                                          uint32_t order) {
  ArchiveWalker walker(bytes, file, order);
  Result<Contents> contents = read_contents(walker);
  if (!contents) return tl::unexpected(contents.error());
  if (!contents->index) return std::vector<ArchiveIndexEntry>{};
  return IndexReader(*contents->index, contents->members, walker)
      .read(index_form(*contents->index));
}

}  // namespace wasmpack
