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

// The row of a relocation kind; null for an unknown one.
const RelocationInfo* find_relocation_info(uint8_t kind);

// Kinds that code asks for by name; the others are only ever looked up in the table.
inline constexpr uint8_t kFunctionIndexLeb = 0;
inline constexpr uint8_t kTableIndexSleb = 1;
inline constexpr uint8_t kMemoryAddrSleb = 4;
inline constexpr uint8_t kTypeIndexLeb = 6;
inline constexpr uint8_t kGlobalIndexLeb = 7;
inline constexpr uint8_t kMemoryAddrLocrelI32 = 23;

// Bytes of a relocated field: 5, 10, 4 or 8.
unsigned relocation_width(RelocationEncoding encoding);

struct Relocation {
  uint8_t kind;
  uint32_t offset;  // of the field, from the target section's content
  uint32_t index;   // symbol, or type for kTypeIndexLeb
  int64_t addend;   // 0 if the kind has none
};

}  // namespace wasmpack
