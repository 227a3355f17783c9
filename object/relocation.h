// The relocation kinds of the linking convention, as one table, and the reader of their entries.
//
// Sources: tool-conventions Linking.md "Relocation Sections", DynamicLinking.md (11, 12, 17, 21,
// 24, 25), LLVM's WasmRelocs.def for the numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/bytes.h"

namespace wasmpack {

// How the relocated field is encoded.
enum class RelocationEncoding : uint8_t { uleb32, sleb32, uleb64, sleb64, u32, u64 };

// What the relocation's index names, and what the field holds.
enum class RelocationTarget : uint8_t {
  function_index,   // function symbol -> function index
  table_index,      // function symbol -> slot in the indirect function table
  memory_address,   // data symbol + addend -> address
  type_index,       // a type, no symbol
  global_index,     // global symbol, or the GOT entry of a data or function symbol
  function_offset,  // function symbol + addend -> offset in CODE
  section_offset,   // section symbol + addend -> offset in that custom section
  tag_index,        // tag symbol
  table_number,     // table symbol
};

struct RelocationInfo {
  uint8_t id;
  std::string_view name;  // "R_WASM_FUNCTION_INDEX_LEB"
  RelocationEncoding encoding;
  RelocationTarget target;
  bool has_addend;
  bool is_relative;  // to __memory_base, __table_base, __tls_base or the place itself
};

inline constexpr unsigned kRelocationKinds = 27;

namespace relocation_table {
using E = RelocationEncoding;
using T = RelocationTarget;

// One row a kind; the row's position is its number.
inline constexpr RelocationInfo kRelocationTable[kRelocationKinds] = {
    // id, name, encoding, target, addend, relative
    {0, "R_WASM_FUNCTION_INDEX_LEB", E::uleb32, T::function_index, false, false},
    {1, "R_WASM_TABLE_INDEX_SLEB", E::sleb32, T::table_index, false, false},
    {2, "R_WASM_TABLE_INDEX_I32", E::u32, T::table_index, false, false},
    {3, "R_WASM_MEMORY_ADDR_LEB", E::uleb32, T::memory_address, true, false},
    {4, "R_WASM_MEMORY_ADDR_SLEB", E::sleb32, T::memory_address, true, false},
    {5, "R_WASM_MEMORY_ADDR_I32", E::u32, T::memory_address, true, false},
    {6, "R_WASM_TYPE_INDEX_LEB", E::uleb32, T::type_index, false, false},
    {7, "R_WASM_GLOBAL_INDEX_LEB", E::uleb32, T::global_index, false, false},
    {8, "R_WASM_FUNCTION_OFFSET_I32", E::u32, T::function_offset, true, false},
    {9, "R_WASM_SECTION_OFFSET_I32", E::u32, T::section_offset, true, false},
    {10, "R_WASM_TAG_INDEX_LEB", E::uleb32, T::tag_index, false, false},
    {11, "R_WASM_MEMORY_ADDR_REL_SLEB", E::sleb32, T::memory_address, true, true},
    {12, "R_WASM_TABLE_INDEX_REL_SLEB", E::sleb32, T::table_index, false, true},
    {13, "R_WASM_GLOBAL_INDEX_I32", E::u32, T::global_index, false, false},
    {14, "R_WASM_MEMORY_ADDR_LEB64", E::uleb64, T::memory_address, true, false},
    {15, "R_WASM_MEMORY_ADDR_SLEB64", E::sleb64, T::memory_address, true, false},
    {16, "R_WASM_MEMORY_ADDR_I64", E::u64, T::memory_address, true, false},
    {17, "R_WASM_MEMORY_ADDR_REL_SLEB64", E::sleb64, T::memory_address, true, true},
    {18, "R_WASM_TABLE_INDEX_SLEB64", E::sleb64, T::table_index, false, false},
    {19, "R_WASM_TABLE_INDEX_I64", E::u64, T::table_index, false, false},
    {20, "R_WASM_TABLE_NUMBER_LEB", E::uleb32, T::table_number, false, false},
    {21, "R_WASM_MEMORY_ADDR_TLS_SLEB", E::sleb32, T::memory_address, true, true},
    {22, "R_WASM_FUNCTION_OFFSET_I64", E::u64, T::function_offset, true, false},
    {23, "R_WASM_MEMORY_ADDR_LOCREL_I32", E::u32, T::memory_address, true, true},
    {24, "R_WASM_TABLE_INDEX_REL_SLEB64", E::sleb64, T::table_index, false, true},
    {25, "R_WASM_MEMORY_ADDR_TLS_SLEB64", E::sleb64, T::memory_address, true, true},
    {26, "R_WASM_FUNCTION_INDEX_I32", E::u32, T::function_index, false, false},
};

consteval bool rows_stand_at_their_number() {
  for (unsigned i = 0; i < kRelocationKinds; ++i)
    if (kRelocationTable[i].id != i) return false;
  return true;
}
static_assert(rows_stand_at_their_number());

}  // namespace relocation_table

// The row of a relocation kind; null for an unknown one.
constexpr const RelocationInfo* find_relocation_info(uint8_t kind) {
  return kind < kRelocationKinds ? &relocation_table::kRelocationTable[kind] : nullptr;
}

// Kinds that code asks for by name; the others are only ever looked up in the table.
inline constexpr uint8_t kFunctionIndexLeb = 0;
inline constexpr uint8_t kTableIndexSleb = 1;
inline constexpr uint8_t kTableIndexI32 = 2;
inline constexpr uint8_t kMemoryAddrLeb = 3;
inline constexpr uint8_t kMemoryAddrSleb = 4;
inline constexpr uint8_t kMemoryAddrI32 = 5;
inline constexpr uint8_t kTypeIndexLeb = 6;
inline constexpr uint8_t kGlobalIndexLeb = 7;
inline constexpr uint8_t kFunctionOffsetI32 = 8;
inline constexpr uint8_t kSectionOffsetI32 = 9;
inline constexpr uint8_t kMemoryAddrRelSleb = 11;
inline constexpr uint8_t kTableIndexRelSleb = 12;
inline constexpr uint8_t kMemoryAddrLocrelI32 = 23;

// Bytes of a relocated field: 5, 10, 4 or 8.
constexpr unsigned relocation_width(RelocationEncoding encoding) {
  constexpr uint8_t widths[] = {5, 5, 10, 10, 4, 8};
  return widths[static_cast<size_t>(encoding)];
}

struct Relocation {
  uint8_t kind;
  uint32_t offset;  // of the field, from the target section's content
  uint32_t index;   // symbol, or type for kTypeIndexLeb
  int64_t addend;   // 0 if the kind has none
};

}  // namespace wasmpack
