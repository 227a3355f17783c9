#include "inspect/facts/call_graph.h"

#include "inspect/facts/graph_builder.h"

namespace wasmpack {

std::string_view node_kind_name(NodeKind kind) {
  constexpr std::string_view names[] = {
      "root",   "export", "function", "data segment",    "undefined data",
      "global", "table",  "tag",      "element segment", "calls"};
  return names[static_cast<size_t>(kind)];
}

std::string_view reference_kind_name(ReferenceKind kind) {
  constexpr std::string_view names[] = {"exported",       "entry of a command",
                                        "start section",  "constructor",
                                        "no-strip",       "retained segment",
                                        "instantiation",  "imported table",
                                        "exports",        "call",
                                        "indirect call",  "function index",
                                        "address taken",  "data address",
                                        "global",         "tag",
                                        "table",          "table entry",
                                        "bulk operation", "segment bounds"};
  return names[static_cast<size_t>(kind)];
}

CallGraph build_call_graph(const Object& object) {
  GraphBuilder builder(object);
  if (object.has_linking)
    add_object_references(object, builder);
  else
    add_module_references(object, builder);
  return builder.finish();
}

std::string describe_node(const CallGraph& graph, uint32_t node) {
  const GraphNode& entry = graph.nodes[node];
  if (entry.kind == NodeKind::root)
    return graph.is_object ? "whoever links the object" : "the host";
  std::string text(node_kind_name(entry.kind));
  if (entry.kind == NodeKind::indirect) return text + ' ' + std::string(entry.name);
  if (!entry.name.empty()) return text + ' ' + std::string(entry.name);
  if (entry.kind == NodeKind::function) return text + " func[" + std::to_string(entry.index) + ']';
  return text + ' ' + std::to_string(entry.index);
}

}  // namespace wasmpack
