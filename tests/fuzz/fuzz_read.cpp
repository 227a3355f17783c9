// Any bytes through everything that reads an object: kind, sections, `linking`, relocations, names.
#include "object/file_kind.h"
#include "object/read.h"
#include "object/verify.h"
#include "support/diagnostic.h"
#include "tests/fuzz/section_mutator.h"

using namespace wasmpack;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return mutate_sections(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  const FileKind kind = identify_file(bytes);
  if (kind != FileKind::object && kind != FileKind::archive) {
    render_text(describe_wrong_input(kind, {.file = "fuzz.o"}, bytes), false);
  }
  Result<Object> object = read_object(bytes, "fuzz.o");
  if (!object) {
    // The message must be printable, whatever names it quotes.
    render_text(object.error(), true);
    render_json(object.error());
    return 0;
  }
  const auto uses = verify_object(*object);
  if (!uses) {
    render_text(uses.error(), false);
    return 0;
  }
  if (uses->size() != object->symbols.size()) __builtin_trap();
  return 0;
}
