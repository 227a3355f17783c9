#include "object/relocation.h"

namespace wasmpack {
namespace {

using enum RelocationEncoding;
using enum RelocationTarget;

// One row a kind; the row's position is its number.
constexpr RelocationInfo kTable[kRelocationKinds] = {
    // id, name, encoding, target, addend, relative
    {0, "R_WASM_FUNCTION_INDEX_LEB", uleb32, function_index, false, false},
    {1, "R_WASM_TABLE_INDEX_SLEB", sleb32, table_index, false, false},
    {2, "R_WASM_TABLE_INDEX_I32", u32, table_index, false, false},
    {3, "R_WASM_MEMORY_ADDR_LEB", uleb32, memory_address, true, false},
    {4, "R_WASM_MEMORY_ADDR_SLEB", sleb32, memory_address, true, false},
    {5, "R_WASM_MEMORY_ADDR_I32", u32, memory_address, true, false},
    {6, "R_WASM_TYPE_INDEX_LEB", uleb32, type_index, false, false},
    {7, "R_WASM_GLOBAL_INDEX_LEB", uleb32, global_index, false, false},
    {8, "R_WASM_FUNCTION_OFFSET_I32", u32, function_offset, true, false},
    {9, "R_WASM_SECTION_OFFSET_I32", u32, section_offset, true, false},
    {10, "R_WASM_TAG_INDEX_LEB", uleb32, tag_index, false, false},
    {11, "R_WASM_MEMORY_ADDR_REL_SLEB", sleb32, memory_address, true, true},
    {12, "R_WASM_TABLE_INDEX_REL_SLEB", sleb32, table_index, false, true},
    {13, "R_WASM_GLOBAL_INDEX_I32", u32, global_index, false, false},
    {14, "R_WASM_MEMORY_ADDR_LEB64", uleb64, memory_address, true, false},
    {15, "R_WASM_MEMORY_ADDR_SLEB64", sleb64, memory_address, true, false},
    {16, "R_WASM_MEMORY_ADDR_I64", u64, memory_address, true, false},
    {17, "R_WASM_MEMORY_ADDR_REL_SLEB64", sleb64, memory_address, true, true},
    {18, "R_WASM_TABLE_INDEX_SLEB64", sleb64, table_index, false, false},
    {19, "R_WASM_TABLE_INDEX_I64", u64, table_index, false, false},
    {20, "R_WASM_TABLE_NUMBER_LEB", uleb32, table_number, false, false},
    {21, "R_WASM_MEMORY_ADDR_TLS_SLEB", sleb32, memory_address, true, true},
    {22, "R_WASM_FUNCTION_OFFSET_I64", u64, function_offset, true, false},
    {23, "R_WASM_MEMORY_ADDR_LOCREL_I32", u32, memory_address, true, true},
    {24, "R_WASM_TABLE_INDEX_REL_SLEB64", sleb64, table_index, false, true},
    {25, "R_WASM_MEMORY_ADDR_TLS_SLEB64", sleb64, memory_address, true, true},
    {26, "R_WASM_FUNCTION_INDEX_I32", u32, function_index, false, false},
};

consteval bool rows_stand_at_their_number() {
  for (unsigned i = 0; i < kRelocationKinds; ++i)
    if (kTable[i].id != i) return false;
  return true;
}
static_assert(rows_stand_at_their_number());

}  // namespace

const RelocationInfo* find_relocation_info(uint8_t kind) {
  return kind < kRelocationKinds ? &kTable[kind] : nullptr;
}

unsigned relocation_width(RelocationEncoding encoding) {
  switch (encoding) {
    case uleb32:
    case sleb32: return 5;
    case uleb64:
    case sleb64: return 10;
    case u32: return 4;
    case u64: return 8;
  }
  return 0;
}

}  // namespace wasmpack
