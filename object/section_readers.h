// The readers of the single sections; read.cpp calls them in file order. Each takes a cursor over
// the section's content and reports problems through it.
#pragma once

#include <optional>
#include <vector>

#include "object/object.h"
#include "support/cursor.h"

namespace wasmpack {

// No index space may have more entries than this: it bounds what a hostile file makes us allocate.
// The JS API limits are 1,000,000 types, functions and globals.
inline constexpr uint32_t kMaxEntries = 1u << 22;
// The same for sections and imports, whose entries are large beside their three or four bytes.
inline constexpr uint32_t kMaxSections = 1'000'000;
inline constexpr uint32_t kMaxImports = 1'000'000;

void read_type_section(Cursor& cursor, Object& object);
void read_import_section(Cursor& cursor, Object& object);
void read_function_section(Cursor& cursor, Object& object);
void read_table_section(Cursor& cursor, Object& object);
void read_memory_section(Cursor& cursor, Object& object);
void read_tag_section(Cursor& cursor, Object& object);
void read_global_section(Cursor& cursor, Object& object);
void read_export_section(Cursor& cursor, Object& object);
void read_start_section(Cursor& cursor, Object& object);
void read_element_section(Cursor& cursor, Object& object);
void read_data_count_section(Cursor& cursor, Object& object);
void read_code_section(Cursor& cursor, Object& object);
void read_data_section(Cursor& cursor, Object& object);

// Custom sections (linking_reader.cpp).

// What is wrong with one part of `linking`.
struct LinkingDamage {
  const char* what;
  uint64_t offset;                 // in the file
  std::optional<uint32_t> symbol;  // the entry of the symbol table that could not be read
};

// With `damages`, damaged subsections are recorded there and the others still read; what depends on
// a damaged symbol table is left out.
void read_linking_section(Cursor& cursor, Object& object,
                          std::vector<LinkingDamage>* damages = nullptr);
void read_relocation_section(Cursor& cursor, Object& object, uint32_t section);
void read_target_features(Cursor& cursor, Object& object);
void read_producers(Cursor& cursor, Object& object);

// Entries of an index space: imported and defined ones together.
uint32_t index_space_size(const Object& object, ExternKind kind);

// A count of entries of at least `entry_size` bytes each, checked against kMaxEntries.
inline uint32_t read_entry_count(Cursor& cursor, uint32_t entry_size = 1) {
  const uint64_t at = cursor.offset();
  const uint32_t count = cursor.read_varuint32();
  if (uint64_t{count} * entry_size > cursor.remaining())
    cursor.fail_at("count is larger than the data behind it", at);
  else if (count > kMaxEntries)
    cursor.fail_at("more entries than wasmpack takes (4194304)", at);
  return cursor.ok() ? count : 0;
}

}  // namespace wasmpack
