#include "linker/init_functions.h"

#include <algorithm>

namespace wasmpack {

std::vector<ChainEntry> collect_init_functions(const std::vector<Input>& inputs,
                                               const std::vector<ChunkTable>& chunks,
                                               DiagnosticSink& sink) {
  std::vector<ChainEntry> chain;
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const Object& object = inputs[i].object;
    for (const InitFunction& init : object.init_functions) {
      const Symbol& symbol = object.symbols[init.symbol];
      const Chunk* chunk = chunks[i].find(object, symbol);
      if (chunk != nullptr && !chunk->is_kept()) continue;
      if (!object.types[object.function_type(symbol.index)].params.empty()) {
        sink.report(fail("constructor-arguments", inputs[i].locate("linking"),
                         "constructor `" + std::string(symbol.name) + "` takes arguments",
                         "declare it as void name(void)")
                        .value());
        continue;
      }
      chain.push_back({init.priority, {i, init.symbol}, i});
    }
  }
  std::ranges::stable_sort(chain, {}, &ChainEntry::priority);
  return chain;
}

}  // namespace wasmpack
