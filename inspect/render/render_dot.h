// Graphs in the language of Graphviz.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/retained.h"

namespace wasmpack {

// No layout of more nodes can be read.
inline constexpr size_t kMaxDotNodes = 5000;
inline constexpr size_t kMaxDotEdges = 20000;

// The call graph of one file as `digraph`: the root and the nodes that it reaches, nearest first up
// to `most_nodes`; what was left out is said in a node of its own. Names are escaped and cut.
void render_call_graph_dot(llvm::raw_ostream& out, std::string_view title, const GraphFacts& graph,
                           size_t most_nodes = kMaxDotNodes);

// A DOT string with its quotes: backslashes and quotes escaped, control characters must be escaped
// before.
std::string dot_string(std::string_view text);

}  // namespace wasmpack
