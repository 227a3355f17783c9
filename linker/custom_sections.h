// What becomes of each custom section, and how those of one name are put together.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "linker/chunks.h"

namespace wasmpack {

// The part that one input's section has in an output section.
struct CustomPiece {
  uint32_t input;
  uint32_t section;  // in that input
  uint32_t skipped;  // bytes at its start that are not copied (a count that is made anew)
  uint64_t offset;   // of the first copied byte, from the output section's content
};

struct CustomSection {
  std::string_view name;
  uint32_t comdat_input = UINT32_MAX;  // a comdat member stands alone; its input, or none
  uint32_t comdat = kNoComdat;
  std::vector<CustomPiece> pieces;
  std::vector<uint8_t> header;  // bytes before the first piece
  uint64_t size = 0;            // of the content, header included
};

// Where one input's section went.
struct SectionPlace {
  uint32_t custom = UINT32_MAX;  // index of the CustomSection, or none
  uint64_t offset = 0;           // of the section's byte 0 in it (may "precede" it by `skipped`)
};

struct CustomLayout {
  std::vector<CustomSection> sections;            // in order of first appearance
  std::vector<std::vector<SectionPlace>> places;  // [input][section]
};

// Marks custom sections that are not copied (ChunkState::stripped) and places all others. Policies:
// `linking` and `reloc.*` are made anew, `producers` and `target_features` merged, `name`,
// `.llvmbc` and `.llvmcmd` dropped, `metadata.code.*` joined by their counts, everything else
// concatenated; members of a comdat stay sections of their own.
CustomLayout lay_out_custom_sections(const std::vector<Input>& inputs,
                                     std::vector<ChunkTable>& chunks, const LinkOptions& options,
                                     DiagnosticSink& sink);

}  // namespace wasmpack
