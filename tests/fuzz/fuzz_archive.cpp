// Any bytes as an archive: members, index, and the index we write around one of its members.
#include <algorithm>
#include <string_view>
#include <vector>

#include "object/archive.h"
#include "object/file_kind.h"
#include "object/read.h"

using namespace wasmpack;

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool is_inside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  const auto members = read_archive(bytes, "fuzz.a");
  const auto index = read_archive_index(bytes, "fuzz.a");
  if (!members) {
    render_text(members.error(), false);
    return 0;
  }
  size_t total = 0;
  for (const ArchiveMember& member : *members) {
    check(is_inside(member.bytes, bytes));
    total += member.bytes.size();
    (void)read_object(member.bytes, "fuzz.a", member.name);
  }
  check(total <= size);  // members do not overlap
  if (!index) {
    render_text(index.error(), false);
    return 0;
  }
  std::vector<std::string_view> symbols;
  for (const ArchiveIndexEntry& entry : *index) {
    check(entry.member < members->size());
    if (entry.symbol.find('\0') == std::string_view::npos) symbols.push_back(entry.symbol);
  }

  // An archive of ours with the first member and these symbols reads back as it was meant.
  if (members->empty()) return 0;
  const ArchiveMember& first = members->front();
  std::string_view name = first.name.substr(first.name.rfind('/') + 1);
  // "#1/" is how BSD announces a long name.
  if (name.empty() || name == "#1" ||
      name.find_first_of(std::string_view("\n\0/", 3)) != std::string_view::npos)
    name = "member.o";
  std::vector<uint8_t> archive = make_archive_prefix(name, first.bytes.size(), symbols);
  archive.insert(archive.end(), first.bytes.begin(), first.bytes.end());
  archive.insert(archive.end(), archive_padding(first.bytes.size()), kArchivePaddingByte);
  const auto own_members = read_archive(archive, "own.a");
  const auto own_index = read_archive_index(archive, "own.a");
  check(own_members && own_members->size() == 1 && own_index);
  check(std::ranges::equal(own_members->front().bytes, first.bytes));
  check(std::ranges::equal(*own_index, symbols, {},
                           [](const ArchiveIndexEntry& entry) { return entry.symbol; }));
  return 0;
}
