// Any bytes through everything that inspect does in its own process: facts, checks, sizes, graphs,
// repairs, renderings. Whatever can be read lenient reading must read, and sizes add up.
#include <numeric>

#include <llvm/Support/raw_ostream.h>

#include "inspect/checks/check.h"
#include "inspect/facts/facts.h"
#include "inspect/facts/linking_problems.h"
#include "inspect/facts/retained.h"
#include "inspect/facts/sizes.h"
#include "inspect/render/render.h"
#include "inspect/render/render_dot.h"
#include "inspect/render/render_html.h"
#include "inspect/repair/repair_module.h"
#include "inspect/repair/repair_plan.h"
#include "object/read.h"
#include "tests/fuzz/section_mutator.h"

using namespace wasmpack;

namespace {

void render_all(Inspected inspected) {
  std::string text;
  llvm::raw_string_ostream out(text);
  TextTables tables;
  tables.sections = tables.symbols = tables.relocations = tables.functions = tables.segments =
      tables.exports = tables.imports = tables.constructors = tables.registry = tables.memory =
          true;
  render_facts_text(out, inspected, tables, {.color = true, .width = 80});
  render_facts_json(out, inspected);
  DotGraph graph;
  graph.add_chain(inspected.facts);
  graph.add_calls(inspected.facts);
  (void)std::move(graph).finish();
  HtmlPage page;
  page.add(std::move(inspected));
  (void)std::move(page).finish();
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return mutate_sections(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  Result<LenientObject> read = read_object_leniently(bytes, "fuzz.wasm", {});
  if (!read) {
    if (read_object(bytes, "fuzz.wasm")) __builtin_trap();
    return 0;
  }
  Inspected inspected{gather_facts(read->object), {}};
  Facts& facts = inspected.facts;
  facts.linking_problems = find_linking_problems(*read);
  facts.sizes = measure_sizes(read->object, facts, SizeDetail::symbols);
  uint64_t total = 0;
  for (const SizeItem& item : facts.sizes.items) total += item.size;
  if (total != size) __builtin_trap();
  facts.graph = gather_graph(read->object, /*want_retained=*/true);
  const Rules rules;
  inspected.findings = check_facts({facts, &read->object, rules});
  if (const Result<RepairPlan> plan = plan_repair(read->object, facts, RepairMode::lazy))
    (void)write_repaired(read->object, *plan);
  render_all(std::move(inspected));
  return 0;
}
