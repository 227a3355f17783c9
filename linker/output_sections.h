// The contents of the output's small sections and of `linking`.
#pragma once

#include <vector>

#include "linker/layout.h"
#include "support/byte_writer.h"

namespace wasmpack {

// Everything before CODE: TYPE to DATACOUNT, as complete sections, empty ones left out.
// `section_count` becomes the number of sections written.
ByteWriter encode_leading_sections(const Layout& layout, const MergedTypes& types,
                                   uint32_t& section_count);

// What one input puts into the linking subsections of that name: entries without their count.
struct LinkingPart {
  ByteWriter segment_info;
  ByteWriter symbols;
  ByteWriter comdats;
  uint32_t comdat_count = 0;
};

// `custom_section_index[k]` is the output section index of output custom section k.
LinkingPart encode_linking_part(const std::vector<Input>& inputs,
                                const std::vector<ChunkTable>& chunks, const SymbolTable& table,
                                const EditedNames& names, const CustomLayout& custom,
                                const Layout& layout,
                                const std::vector<uint32_t>& custom_section_index, uint32_t input);

ByteWriter encode_features_section(const std::vector<TargetFeature>& features);
ByteWriter encode_producers_section(const std::vector<ProducerField>& producers);

}  // namespace wasmpack
