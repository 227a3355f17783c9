// Reads `ar` archives, and writes the bytes around the single member of one that we make.
//
// Read: the System V / GNU form (`/` index, `//` long names, `/SYM64/`), the BSD form (`#1/N`
// names,
// `__.SYMDEF` index) and Darwin's variant of it. Thin archives hold no members and are refused.
// Nothing is copied: names and members are views into the archive. Work and memory are linear in
// the archive's size, whatever it holds.
//
// Sources: System V ABI, chapter 7; binutils bfd/archive.c; Darwin's <mach-o/ranlib.h>.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct ArchiveMember {
  std::string_view name;
  uint64_t offset;  // of the member's header, from the start of the archive
  Bytes bytes;      // may start at any address, aligned or not
};

// The index of an archive: which member defines a symbol.
struct ArchiveIndexEntry {
  std::string_view symbol;
  uint32_t member;  // position in the result of read_archive()
};

// Whether `bytes` begin like an archive that is not thin.
bool is_archive(Bytes bytes);
bool is_thin_archive(Bytes bytes);

// The members in file order, without index and long-name table. An error names `file` and the byte
// offset in the archive.
Result<std::vector<ArchiveMember>> read_archive(Bytes bytes, std::string_view file,
                                                uint32_t order = UINT32_MAX);

// The entries of the archive's index in its order; empty if the archive has none. An entry that
// names no member is an error.
Result<std::vector<ArchiveIndexEntry>> read_archive_index(Bytes bytes, std::string_view file,
                                                          uint32_t order = UINT32_MAX);

// Everything that stands before the data of an archive's only member: magic, GNU index of
// `index_symbols` (in that order), long-name table if one is needed, member header (mtime, uid and
// gid 0, mode 644). The member's name is the last component of `member_name`. `member_size` is
// below 10^10, the limit of the format.
std::vector<uint8_t> make_archive_prefix(std::string_view member_name, uint64_t member_size,
                                         std::span<const std::string_view> index_symbols);

// Newlines (0 or 1) that follow the data of a member of that size.
constexpr uint64_t archive_padding(uint64_t member_size) { return member_size & 1; }
inline constexpr uint8_t kArchivePaddingByte = '\n';

}  // namespace wasmpack
