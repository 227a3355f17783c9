// Any bytes through everything that inspect does in its own process: facts, checks, renderings.
#include <llvm/Support/raw_ostream.h>

#include "inspect/checks/check.h"
#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "object/read.h"
#include "tests/fuzz/section_mutator.h"

using namespace wasmpack;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return mutate_sections(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result<Object> object = read_object(Bytes(data, size), "fuzz.wasm");
  if (!object) return 0;
  Inspected inspected{gather_facts(*object), {}};
  const Rules rules;
  inspected.findings = check_facts({inspected.facts, &*object, rules});
  std::string text;
  llvm::raw_string_ostream out(text);
  TextTables tables;
  tables.sections = tables.symbols = tables.exports = tables.imports = tables.constructors = true;
  render_facts_text(out, inspected, tables, /*color=*/true);
  render_facts_json(out, inspected);
  return 0;
}
