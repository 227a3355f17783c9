// Who refers to what in one file: functions, data, globals and tables as nodes, references as
// edges.
//
// Objects: the edges are the relocations of CODE and DATA, so addresses are followed, and the
// granularity is the linker's: a function or a data segment goes or stays as a whole.
//
// Finished modules: the edges are what instructions and segments name. An address in code is a mere
// number there, so data is not followed: active segments belong to the root, passive ones to the
// functions that initialize memory from them. A table that is imported or exported hands all its
// functions to the host. Of any other table a function is reached by who calls through the table
// with the function's type (one node for each table and type), or copies entries out of it.
//
// Debug information and other custom sections keep nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/Allocator.h>

#include "object/object.h"

namespace wasmpack {

enum class NodeKind : uint8_t {
  root,            // node 0: the host, or whoever links an object
  export_,         // an entry of the EXPORT section
  function,        // index: in the index space, imports first
  data,            // a data segment
  undefined_data,  // of an object; index: the first symbol of that name
  global,
  table,
  tag,
  element,   // an element segment
  indirect,  // calls through one table with one type; index: the type
};
std::string_view node_kind_name(NodeKind kind);  // "function", "data", "element segment", ...

// How the source of an edge refers to its target.
enum class ReferenceKind : uint8_t {
  // From the root.
  exported,        // an export, or a symbol flagged EXPORTED
  entry,           // `_start` of an object: wasm-ld's default entry
  start,           // the start section
  constructor,     // an init function of an object
  no_strip,        // a symbol flagged NO_STRIP (`used`)
  retained,        // a segment flagged RETAIN
  instantiation,   // an active data segment of a finished module
  imported_table,  // the host owns the table
  // From others.
  exports,  // from an export to what it exports
  call,
  indirect_call,   // to the node of table and type
  function_index,  // a function's index in an object, not in a call
  address,         // of a function: its slot in a table, or ref.func
  data_address,
  global,
  tag,
  table,    // the table itself
  element,  // an element segment's entry, or a table's segment
  bulk,     // memory.init, data.drop, table.init, elem.drop
  bounds,   // __start_X or __stop_X to a segment X
};
std::string_view reference_kind_name(ReferenceKind kind);  // "call", "address taken", ...

struct GraphNode {
  NodeKind kind;
  bool is_import;
  uint32_t index;
  uint64_t size;          // bytes: a function's size field and body, a segment's content; else 0
  std::string_view name;  // empty if it has none
};

struct Reference {
  uint32_t target;  // a node
  ReferenceKind kind;
};

inline constexpr uint32_t kRootNode = 0;
inline constexpr uint32_t kNoNode = UINT32_MAX;

// Moves, but does not copy. Names are views into the file or into the arena.
struct CallGraph {
  bool is_object = false;
  std::vector<GraphNode> nodes;       // the root, then by kind and index
  std::vector<uint32_t> begin;        // node -> its first reference; one more than there are nodes
  std::vector<Reference> references;  // of one node each target once
  std::string problem;                // why references may be missing; empty if none are
  uint32_t first_function = 0;        // the node of function 0; the others follow in their order
  uint32_t first_data = 0;
  llvm::BumpPtrAllocator arena;

  std::span<const Reference> references_of(uint32_t node) const {
    return std::span(references).subspan(begin[node], begin[node + 1] - begin[node]);
  }
};

// Linear in the file's size. Above kMaxReferences the graph is cut, which `problem` says.
inline constexpr uint32_t kMaxReferences = 1u << 24;
CallGraph build_call_graph(const Object& object);

// "function foo", "data segment .rodata", "calls through table 0 as (i32)->i32", "function
// func[7]".
std::string describe_node(const CallGraph& graph, uint32_t node);

}  // namespace wasmpack
