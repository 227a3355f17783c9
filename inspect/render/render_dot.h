// The ctor chain and the call graph as Graphviz DOT, for `dot -Tsvg`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "inspect/facts/facts.h"

namespace wasmpack {

// A DOT string, quotes included: control characters as "\xNN", so that a name can neither end the
// string nor drive a terminal, and cut if it is longer than anyone reads.
std::string quote_for_dot(std::string_view text);

// No layout of more nodes can be read.
inline constexpr size_t kMaxDotNodes = 5000;
inline constexpr size_t kMaxDotEdges = 20000;

// One digraph of all files: two clusters each, its ctor chain and its calls.
class DotGraph {
 public:
  // Who calls the ctor chain, the constructors in order, and what they register. At most 200
  // callers, 1000 constructors and 1000 registrations; a node counts the rest.
  void add_chain(const Facts& facts);

  // What refers to what, from Facts::graph: the root and the nodes that it reaches, nearest first
  // up to `most_nodes`; a node says how much was left out. Nothing without a graph.
  void add_calls(const Facts& facts, size_t most_nodes = kMaxDotNodes);

  // The whole text. The same facts give the same bytes.
  std::string finish() &&;

 private:
  std::string text_;
  size_t clusters_ = 0;
};

}  // namespace wasmpack
