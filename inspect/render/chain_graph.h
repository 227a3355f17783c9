// Who runs the constructors, as nodes and edges: the one picture that the page draws and that DOT
// describes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"

namespace wasmpack {

enum class ChainNodeKind : uint8_t {
  host,          // whoever instantiates the module; of an object, the final link
  start,         // the start section
  export_,       // an export from which the chain is reached
  wrapper,       // the same, by one of wasm-ld's command wrappers
  function,      // between an export and the chain; of an object, what refers to the chain
  chain,         // __wasm_call_ctors
  constructor,   // in the order they run
  registration,  // what a constructor registers
  others,        // so many more of the nodes beside it
  idle,          // the exports that do not reach the chain, as one node
};
std::string_view chain_node_kind_name(ChainNodeKind kind);  // "host", ...

enum class ChainNodeState : uint8_t {
  neutral,  // there is nothing to say
  once,     // runs the chain, or is run, once
  again,    // at every call
  never,
  unknown,
};
std::string_view chain_node_state_name(ChainNodeState state);  // "neutral", ...

struct ChainNode {
  ChainNodeKind kind;
  ChainNodeState state;
  uint32_t column;     // 0 is the host's; edges lead to a higher one
  std::string label;   // names as in the file, any bytes
  std::string detail;  // more about it, may be empty
};

struct ChainEdge {
  uint32_t from;  // positions in ChainGraph::nodes
  uint32_t to;
};

// Nodes of one column stand in their order. No nodes: there is no chain and no constructor, and
// `note` says why, as far as that is known.
struct ChainGraph {
  std::vector<ChainNode> nodes;
  std::vector<ChainEdge> edges;
  std::string note;
};

// How many nodes of a kind there may be; a node of kind `others` counts the rest.
struct ChainGraphLimits {
  size_t callers;
  size_t constructors;
  size_t registrations;  // of all constructors together
};

// Linear in the number of callers, constructors and registrations.
ChainGraph make_chain_graph(const Facts& facts, const ChainGraphLimits& limits);

}  // namespace wasmpack
