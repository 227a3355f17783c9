// What becomes of each custom section, and how those of one name are put together.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "linker/chunks.h"

namespace wasmpack {

// The part that one input's section has in an output section.
struct CustomPiece {
  uint32_t input;
  uint32_t section;     // in that input
  Bytes content;        // what is copied
  uint64_t offset = 0;  // of content[0], from the output section's content
};

struct CustomSection {
  std::string_view name;
  uint32_t comdat_input = UINT32_MAX;  // a comdat member stands alone; its input, or none
  uint32_t comdat = kNoComdat;
  std::vector<CustomPiece> pieces;
  std::vector<uint8_t> header;  // bytes before the first piece
  uint64_t size = 0;            // of the content, header included
};

// Bytes of an input's section that were copied, where others of it were not.
struct CopiedRun {
  uint32_t begin;  // in the input's section
  uint32_t end;
  uint32_t offset;  // of byte `begin` in the copied content
};

// Where one input's section went.
struct SectionPlace {
  uint32_t custom = UINT32_MAX;  // index of the CustomSection, or none
  uint64_t offset = 0;           // of the copied content in it
  std::vector<CopiedRun> runs;   // ascending; empty: all of the section was copied

  // The output offset of a byte of the input's section; none if it was not copied.
  std::optional<uint64_t> find(uint32_t at) const;
};

struct CustomLayout {
  std::vector<CustomSection> sections;            // in order of first appearance
  std::vector<std::vector<SectionPlace>> places;  // [input][section]
  std::deque<std::vector<uint8_t>> storage;       // owns contents that are no view into an input
};

// Marks custom sections that are not copied (ChunkState::stripped) and places all others. Policies:
// `linking` and `reloc.*` are made anew, `producers` and `target_features` merged, `name`,
// `.llvmbc` and `.llvmcmd` dropped, `metadata.code.*` joined by their counts without the entries of
// functions that are gone, everything else concatenated; members of a comdat stay sections of their
// own.
CustomLayout lay_out_custom_sections(const std::vector<Input>& inputs,
                                     std::vector<ChunkTable>& chunks, const LinkOptions& options,
                                     DiagnosticSink& sink);

}  // namespace wasmpack
