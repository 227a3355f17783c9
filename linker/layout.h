// Output numbers and places: which index, address or offset everything gets.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "linker/chunks.h"
#include "linker/custom_sections.h"
#include "linker/init_functions.h"
#include "linker/merged_types.h"
#include "linker/symbol_edits.h"
#include "linker/symbol_table.h"

namespace wasmpack {

inline constexpr uint32_t kNotInOutput = UINT32_MAX;

// Where the chunks and symbols of one input went. Vectors are indexed as in Object (defined
// entries only); kNotInOutput stands for what was dropped.
struct InputLayout {
  std::vector<uint32_t> functions;     // output function index
  std::vector<uint32_t> code_offsets;  // of the body, from the output CODE content
  std::vector<uint32_t> data;          // output segment number
  std::vector<uint64_t> addresses;     // of the segment in the object's provisional memory
  std::vector<uint32_t> data_offsets;  // of the segment's bytes, from the output DATA content
  std::vector<uint32_t> globals;
  std::vector<uint32_t> tags;
  std::vector<uint32_t> tables;
  std::vector<uint32_t> symbols;  // output symbol of every input symbol, through its owner
  uint32_t first_symbol = 0;      // the first symbol that this input itself puts into the table
};

// The bytes that an input has in CODE or DATA.
struct Extent {
  uint64_t offset = 0;  // from the section's content
  uint64_t size = 0;
};

struct Layout {
  std::vector<InputLayout> inputs;
  std::vector<Extent> code;  // [input]
  std::vector<Extent> data;
  uint64_t code_size = 0;  // of the section contents, counts included
  uint64_t data_size = 0;

  std::vector<Import> imports;  // in output order; type indices are merged ones
  uint32_t imported_functions = 0;
  uint32_t function_count = 0;  // imported ones included
  uint32_t segment_count = 0;
  uint32_t symbol_count = 0;
  std::vector<uint32_t> function_types;  // of the defined functions
  std::vector<Global> globals;
  std::vector<uint32_t> tag_types;
  std::vector<Table> tables;
  std::vector<Export> exports;
  std::vector<uint32_t> table_functions;       // ELEM: output functions in slot order, from slot 1
  std::vector<uint32_t> table_slots;           // [output function] -> slot, 0 if it has none
  std::vector<uint32_t> body_offsets;          // [output function - imported] -> offset in CODE
  std::unordered_map<uint32_t, uint32_t> got;  // output symbol -> global index of its GOT entry
  // By output symbol: function, global, tag, table index; address of data (0 if undefined).
  std::vector<uint64_t> symbol_values;
  // By output custom section: its symbol, or kNotInOutput.
  std::vector<uint32_t> section_symbols;
  bool has_table_symbol_of_its_own = false;  // the last symbol is `__indirect_function_table`,
                                             // made because no input had one
  bool is64 = false;
  uint64_t memory_size = 0;
  bool has_data_count = false;
  std::vector<InitFunction> init_functions;  // symbol: output symbol
};

// Numbers everything that stays. Afterwards every output index, address and offset inside a section
// is fixed. Reports output that would exceed the format's 32 bits, and export names that clash.
Layout plan_layout(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                   const SymbolTable& table, const MergedTypes& types, const CustomLayout& custom,
                   const EditedNames& names, const std::vector<ChainEntry>& chain,
                   DiagnosticSink& sink);

}  // namespace wasmpack
