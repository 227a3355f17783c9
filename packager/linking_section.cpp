#include "packager/linking_section.h"

#include "object/write.h"

namespace wasmpack {
namespace {

// Linking.md: the numbers of the `linking` subsections.
constexpr uint8_t kInitFunctionsSubsection = 6;
constexpr uint8_t kSymbolTableSubsection = 8;

}  // namespace

std::vector<uint8_t> rewrite_linking(const Object& object) {
  ByteWriter linking;
  linking.write_varuint(object.linking_version);
  for (const LinkingSubsection& subsection : object.linking) {
    ByteWriter payload;
    if (subsection.type == kSymbolTableSubsection) {
      payload.write_varuint(object.symbols.size());
      for (const Symbol& symbol : object.symbols) encode_symbol(payload, symbol);
    } else if (subsection.type == kInitFunctionsSubsection) {
      payload.write_varuint(object.init_functions.size());
      for (const InitFunction& init : object.init_functions) {
        payload.write_varuint(init.priority);
        payload.write_varuint(init.symbol);
      }
    } else {
      payload.write_bytes(subsection.payload);
    }
    linking.write_u8(subsection.type);
    linking.write_sized(payload.bytes());
  }
  ByteWriter out;
  out.reserve(object.bytes.size() + linking.size());
  out.write_bytes(kWasmHeader);
  for (const Section& section : object.sections) {
    if (section.is_custom() && section.name == "linking")
      append_custom_section(out, section.name, linking.bytes());
    else
      out.write_bytes(section.raw);
  }
  return out.take();
}

}  // namespace wasmpack
