// Collects the nodes and edges of a call graph; what builds graphs of objects and of modules
// shares.
#pragma once

#include <string>
#include <vector>

#include "inspect/facts/call_graph.h"

namespace wasmpack {

class GraphBuilder {
 public:
  // Makes the nodes that every file has.
  explicit GraphBuilder(const Object& object);

  uint32_t add_node(const GraphNode& node);
  // A copy of `text` in the graph's arena.
  std::string_view keep(const std::string& text);

  // kNoNode if there is no such entry. Imports first, as in the index space.
  uint32_t function(uint32_t index) const { return at(first_function_, functions_, index); }
  uint32_t data(uint32_t index) const { return at(first_data_, data_, index); }
  uint32_t global(uint32_t index) const { return at(first_global_, globals_, index); }
  uint32_t table(uint32_t index) const { return at(first_table_, tables_, index); }
  uint32_t tag(uint32_t index) const { return at(first_tag_, tags_, index); }
  uint32_t element(uint32_t index) const { return at(first_element_, elements_, index); }
  // The node of an entry of any index space; memories have none.
  uint32_t entity(ExternKind kind, uint32_t index) const;

  // Nothing if either is kNoNode. Of several references to one target in a row of references from
  // one source, the first counts: code that calls a function a thousand times has one edge.
  void refer(uint32_t source, uint32_t target, ReferenceKind kind);

  void fail(std::string problem);

  CallGraph finish();

 private:
  struct Edge {
    uint32_t source;
    Reference reference;
  };

  static uint32_t at(uint32_t first, uint32_t count, uint32_t index) {
    return index < count ? first + index : kNoNode;
  }
  void add_exports();
  uint32_t add_space(NodeKind kind, ExternKind space, uint32_t defined);

  const Object& object_;
  CallGraph graph_;
  std::vector<Edge> edges_;
  std::vector<uint32_t> last_source_;  // by target: the last source that referred to it
  uint32_t first_function_ = 0, first_data_ = 0, first_global_ = 0, first_table_ = 0;
  uint32_t first_tag_ = 0, first_element_ = 0;
  uint32_t functions_ = 0, data_ = 0, globals_ = 0, tables_ = 0, tags_ = 0, elements_ = 0;
};

// Adds the edges of each kind of file.
void add_object_references(const Object& object, GraphBuilder& builder);
void add_module_references(const Object& object, GraphBuilder& builder);

}  // namespace wasmpack
