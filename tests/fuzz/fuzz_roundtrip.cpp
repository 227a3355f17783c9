// write(read(x)) == x for whatever can be read, and what is encoded anew says the same.
#include <algorithm>

#include "object/read.h"
#include "object/verify.h"
#include "object/write.h"
#include "tests/fuzz/section_mutator.h"

using namespace wasmpack;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return mutate_sections(data, size, max_size, seed);
}

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool same_import(const Import& a, const Import& b) {
  return a.module == b.module && a.field == b.field && a.kind == b.kind &&
         a.type_index == b.type_index;
}

bool same_symbol(const Symbol& a, const Symbol& b) {
  return a.name == b.name && a.kind == b.kind && a.flags == b.flags && a.index == b.index &&
         a.offset == b.offset && a.size == b.size;
}

// The facts that are not positions in the file.
void check_same(const Object& a, const Object& b) {
  check(a.sections.size() == b.sections.size());
  for (size_t i = 0; i < a.sections.size(); ++i) {
    check(a.sections[i].id == b.sections[i].id && a.sections[i].name == b.sections[i].name);
  }
  check(a.types == b.types);
  check(std::equal(a.imports.begin(), a.imports.end(), b.imports.begin(), b.imports.end(),
                   same_import));
  check(a.functions == b.functions && a.tags == b.tags && a.start == b.start &&
        a.data_count == b.data_count);
  check(a.tables.size() == b.tables.size() && a.memories.size() == b.memories.size() &&
        a.globals.size() == b.globals.size() && a.elements.size() == b.elements.size());
  check(std::equal(a.exports.begin(), a.exports.end(), b.exports.begin(), b.exports.end(),
                   [](const Export& x, const Export& y) {
                     return x.name == y.name && x.kind == y.kind && x.index == y.index;
                   }));
  check(a.code.size() == b.code.size());
  for (size_t i = 0; i < a.code.size(); ++i) check(a.code[i].size == b.code[i].size);
  check(a.data.size() == b.data.size());
  for (size_t i = 0; i < a.data.size(); ++i) {
    check(std::ranges::equal(a.data[i].content, b.data[i].content) &&
          a.data[i].name == b.data[i].name && a.data[i].flags == b.data[i].flags &&
          a.data[i].alignment_log2 == b.data[i].alignment_log2);
  }
  check(std::equal(a.symbols.begin(), a.symbols.end(), b.symbols.begin(), b.symbols.end(),
                   same_symbol));
  check(a.init_functions.size() == b.init_functions.size() && a.comdats.size() == b.comdats.size());
  check(a.relocations.size() == b.relocations.size());
  for (size_t i = 0; i < a.relocations.size(); ++i) {
    check(a.relocations[i].target == b.relocations[i].target &&
          a.relocations[i].count == b.relocations[i].count);
  }
  check(a.features.size() == b.features.size() && a.producers.size() == b.producers.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  const Result<Object> object = read_object(bytes, "fuzz.o");
  if (!object) return 0;
  check(std::ranges::equal(write_object(*object), bytes));

  // Relocations are decoded to be encoded anew, and only verify_object() knows that they can be.
  if (!verify_object(*object)) return 0;
  const std::vector<uint8_t> encoded = encode_object(*object);
  const Result<Object> again = read_object(encoded, "encoded.o");
  check(again.has_value());
  check_same(*object, *again);
  // And that is the last word: encoding once more changes nothing.
  check(encode_object(*again) == encoded);
  return 0;
}
