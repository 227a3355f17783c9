// The writing half of object/archive.h.
#include <string>

#include "object/archive.h"
#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr size_t kHeaderSize = 60;

void write_padded_text(ByteWriter& out, std::string_view text, size_t width) {
  out.write_bytes(as_bytes(text));
  for (size_t i = text.size(); i < width; ++i) out.write_u8(' ');
}

void write_header(ByteWriter& out, std::string_view name, std::string_view mode, uint64_t size) {
  write_padded_text(out, name, 16);
  write_padded_text(out, "0", 12);  // mtime
  write_padded_text(out, "0", 6);   // uid
  write_padded_text(out, "0", 6);   // gid
  write_padded_text(out, mode, 8);
  write_padded_text(out, std::to_string(size), 10);
  out.write_bytes(as_bytes("`\n"));
}

void write_u32_be(ByteWriter& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.write_u8(static_cast<uint8_t>(value >> shift));
}

// What may stand in a header: no folders, nothing that would end the name early.
std::string member_file_name(std::string_view name) {
  const size_t slash = name.find_last_of('/');
  std::string file(slash == std::string_view::npos ? name : name.substr(slash + 1));
  for (char& character : file)
    if (character == '\n' || character == '\0') character = '_';
  // A name that ends with a space would lose it, one with no letter at all means the index.
  if (file.empty()) file.push_back('_');
  if (file.back() == ' ') file.back() = '_';
  return file;
}

}  // namespace

std::vector<uint8_t> make_archive_prefix(std::string_view member_name, uint64_t member_size,
                                         std::span<const std::string_view> index_symbols) {
  const std::string name = member_file_name(member_name);
  // A header has room for 15 characters and the slash that ends them.
  const bool is_long = name.size() > 15;
  const std::string long_names = is_long ? name + "/\n" : "";

  uint64_t names_size = 0;
  for (const std::string_view symbol : index_symbols) names_size += symbol.size() + 1;
  // Padding counts as part of a table, so that the next header stands at an even offset.
  const uint64_t index_size = 4 + 4 * index_symbols.size() + names_size;
  const uint64_t padded_index_size = index_size + (index_size & 1);
  const uint64_t padded_table_size = long_names.size() + (long_names.size() & 1);
  const uint64_t member_offset = kMagic.size() + kHeaderSize + padded_index_size +
                                 (is_long ? kHeaderSize + padded_table_size : 0);

  ByteWriter out;
  out.reserve(member_offset + kHeaderSize);
  out.write_bytes(as_bytes(kMagic));
  write_header(out, "/", "0", padded_index_size);
  write_u32_be(out, static_cast<uint32_t>(index_symbols.size()));
  for (size_t i = 0; i < index_symbols.size(); ++i)
    write_u32_be(out, static_cast<uint32_t>(member_offset));
  for (const std::string_view symbol : index_symbols) {
    out.write_bytes(as_bytes(symbol));
    out.write_u8(0);
  }
  if (index_size & 1) out.write_u8(0);
  if (is_long) {
    write_header(out, "//", "0", padded_table_size);
    out.write_bytes(as_bytes(long_names));
    if (long_names.size() & 1) out.write_u8(kArchivePaddingByte);
  }
  write_header(out, is_long ? "/0" : name + "/", "644", member_size);
  return out.take();
}

}  // namespace wasmpack
