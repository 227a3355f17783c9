// Writes the output file: many pieces at fixed offsets, built and written in parallel.
#pragma once

#include <string>
#include <vector>

#include "linker/layout.h"
#include "linker/link.h"

namespace wasmpack {

struct OutputContents {
  const std::vector<Input>& inputs;
  const std::vector<ChunkTable>& chunks;
  const SymbolTable& symbols;
  const MergedTypes& types;
  const CustomLayout& custom;
  const EditedNames& names;
  const Layout& layout;
  const std::vector<TargetFeature>& features;
  const std::vector<ProducerField>& producers;
  // Whole custom sections that the link adds itself, in order: name, content.
  std::vector<std::pair<std::string_view, std::vector<uint8_t>>> extra_sections;
};

// Where a section of the output begins, for the map file.
struct OutputSectionInfo {
  std::string name;
  uint64_t offset;  // of its header
  uint64_t size;    // header included
};

// Measures, lays out the file, and writes it through `output`. False if anything was reported.
bool write_output(const OutputContents& contents, LinkOutput& output,
                  std::vector<OutputSectionInfo>& sections, PhaseTimes& times,
                  DiagnosticSink& sink);

}  // namespace wasmpack
