// Pieces that the renderings of sizes share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/facts/retained.h"

namespace wasmpack {

// "12.34": `part` in percent of `whole`, rounded down; "0.00" of nothing.
std::string percent_text(uint64_t part, uint64_t whole);

// "foo", or "func[7]", "table 0" for what has no name. Not escaped.
std::string node_name(const CallGraph& graph, uint32_t node);

// Functions, data and exports whose retained size is known, the largest first.
std::vector<uint32_t> sort_by_retained(const GraphFacts& graph);

}  // namespace wasmpack
