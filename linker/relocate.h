// Carries relocations from an input into the output, and patches the fields they apply to.
//
// Both happen in one pass over an input's encoded entries: decoding them is most of the work of a
// link with debug info.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "linker/layout.h"
#include "object/relocation_reader.h"

namespace wasmpack {

// What all steps of relocating read.
struct RelocationContext {
  const std::vector<Input>& inputs;
  const std::vector<ChunkTable>& chunks;
  const MergedTypes& types;
  const CustomLayout& custom;
  const Layout& layout;
};

// What one input's section adds to the relocations of the output's section, encoded.
struct RelocatedPart {
  uint32_t count = 0;
  std::vector<uint8_t> entries;
};

// Calls visit(relocation, chunk) for each relocation of `section` whose chunk is kept; `chunk` is
// the position in Object::code or Object::data, 0 for a custom section.
template <class Visit>
void for_each_kept_relocation(const Input& input, const ChunkTable& chunks, uint32_t section,
                              Visit visit) {
  const RelocationSection* relocations = input.object.find_relocations(section);
  if (relocations == nullptr) return;
  const Section& target = input.object.sections[section];
  const bool is_code = target.id == SectionId::code;
  const bool is_data = target.id == SectionId::data;
  uint32_t chunk = 0;
  RelocationReader reader(relocations->entries);
  for (Relocation relocation; reader.next(relocation);) {
    // verify_object saw ascending sites that lie in chunks; the bounds here only matter if the
    // input changes on disk while it is mapped.
    if (is_code) {
      const std::vector<FunctionBody>& code = input.object.code;
      while (chunk + 1 < code.size() && relocation.offset >= code[chunk].offset + code[chunk].size)
        ++chunk;
      if (!chunks.functions[chunk].is_kept()) continue;
    } else if (is_data) {
      const std::vector<DataSegment>& data = input.object.data;
      while (chunk + 1 < data.size() &&
             relocation.offset >= data[chunk].offset + data[chunk].content.size())
        ++chunk;
      if (!chunks.data[chunk].is_kept()) continue;
    }
    visit(relocation, chunk);
  }
}

// Relocates `input`'s section number `section`. `out` holds its bytes in the output: those of the
// output section's content from `out_offset` on, `size` of them. Every field gets its output value,
// and the output's entries are appended to the result, in ascending order of site.
//
// An entry whose symbol is not in the output leaves a tombstone in its field and goes. In CODE and
// DATA that is reported, and so is a reference to a section that was removed.
RelocatedPart relocate_section(const RelocationContext& context, uint32_t input, uint32_t section,
                               uint8_t* out, uint64_t out_offset, uint64_t size,
                               DiagnosticSink& sink);

}  // namespace wasmpack
