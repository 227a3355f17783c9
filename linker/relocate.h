// Carries relocations from an input into the output, and patches the fields they apply to.
//
// Entries are decoded from the mapped input each time they are needed: to check and measure them,
// and to write them. Nothing is kept in between but sizes.
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

// The encoded relocations that one input's section contributes to the output's.
struct RelocationExtent {
  uint32_t count = 0;
  uint64_t size = 0;
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
  for (RelocationReader reader(relocations->entries); !reader.at_end();) {
    const Relocation relocation = reader.next();
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

// Measures what `write_relocations` will write for `input`'s section number `section`. Reports
// references of CODE or DATA to something that is not in the output.
RelocationExtent measure_relocations(const RelocationContext& context, uint32_t input,
                                     uint32_t section, DiagnosticSink& sink);

// Encodes those relocations at `out`, which has room for exactly the measured size. False if they
// differ from what was measured: the input file changed while it was read.
bool write_relocations(const RelocationContext& context, uint32_t input, uint32_t section,
                       uint8_t* out, uint64_t size);

// Writes the output value into every relocated field. `out` holds the bytes of the output section's
// content from `out_offset` on, `size` of them.
void patch_fields(const RelocationContext& context, uint32_t input, uint32_t section, uint8_t* out,
                  uint64_t out_offset, uint64_t size);

}  // namespace wasmpack
