// What the roots of a call graph reach, and what would go if one node went.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inspect/facts/call_graph.h"

namespace wasmpack {

// The shortest way from the root to each node.
struct ReachedNodes {
  std::vector<uint32_t> order;     // the reached nodes, nearest first; the root is the first
  std::vector<uint32_t> parent;    // by node; kNoNode: not reached, or the root
  std::vector<ReferenceKind> how;  // by node: the reference from its parent
};
// Breadth first, references in their order: deterministic and linear.
ReachedNodes find_reached(const CallGraph& graph);

// By node: the nearest node that every way from the root goes through; kNoNode for the root and for
// nodes that are not reached. Lengauer-Tarjan with path compression, without recursion:
// O(references * log nodes).
std::vector<uint32_t> find_dominators(const CallGraph& graph);

// By node: its own bytes and those of all that it dominates; 0 if it is not reached.
std::vector<uint64_t> add_retained_sizes(const CallGraph& graph,
                                         std::span<const uint32_t> dominators);

// Functions and data that nothing reaches: a linker with --gc-sections would drop them.
struct UnreachedFact {
  std::vector<uint32_t> nodes;
  std::optional<uint64_t> items;  // nothing if it is not known
  std::optional<uint64_t> bytes;
  std::string reason;  // why not, else empty
};

// All of the above, gathered when it is asked for.
struct GraphFacts {
  CallGraph graph;
  ReachedNodes reached;
  std::vector<uint64_t> retained;  // by node; empty unless asked for
  UnreachedFact unreached;

  bool is_reached(uint32_t node) const {
    return node == kRootNode || reached.parent[node] != kNoNode;
  }
  // Nothing if the graph is incomplete, the node is not reached, or it is data of a finished
  // module, whose users are not known.
  std::optional<uint64_t> retained_of(uint32_t node) const;
};
GraphFacts gather_graph(const Object& object, bool want_retained);

}  // namespace wasmpack
