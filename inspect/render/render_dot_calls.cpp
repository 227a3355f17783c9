// The call graph's cluster.

#include <algorithm>
#include <string>
#include <vector>

#include "inspect/render/init_text.h"
#include "inspect/render/render_dot.h"
#include "inspect/render/size_text.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

std::string_view shape_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::root:
      return "doublecircle";
    case NodeKind::export_:
      return "cds";
    case NodeKind::function:
      return "box";
    case NodeKind::data:
    case NodeKind::undefined_data:
      return "note";
    default:
      return "ellipse";
  }
}

std::string describe_dot_node(const GraphFacts& graph, uint32_t node) {
  const GraphNode& entry = graph.graph.nodes[node];
  const bool is_root = entry.kind == NodeKind::root;
  std::string label =
      quote_for_dot(is_root ? describe_node(graph.graph, node) : node_name(graph.graph, node));
  // "\n" is Graphviz's; a newline in a name was escaped.
  if (!is_root) label.insert(1, std::string(node_kind_name(entry.kind)) + "\\n");
  if (entry.size > 0) label.insert(label.size() - 1, "\\n" + std::to_string(entry.size) + " bytes");
  return "[shape=" + std::string(shape_of(entry.kind)) + ", label=" + label +
         (entry.is_import ? ", style=dashed];\n" : "];\n");
}

}  // namespace

void DotGraph::add_calls(const Facts& facts, size_t most_nodes) {
  if (!facts.graph) return;
  const GraphFacts& graph = *facts.graph;
  const std::string prefix = "    c" + std::to_string(clusters_) + "_n";
  const std::string arrow = " -> " + prefix.substr(4);
  text_ += "  subgraph cluster_" + std::to_string(clusters_++) +
           " {\n    label=" + quote_for_dot("calls of " + input_name(facts.file, facts.member)) +
           ";\n";
  const std::vector<uint32_t>& order = graph.reached.order;
  const size_t shown = std::min(order.size(), most_nodes);
  std::vector<bool> is_shown(graph.graph.nodes.size());
  for (size_t i = 0; i < shown; ++i) {
    is_shown[order[i]] = true;
    text_ += prefix + std::to_string(order[i]) + ' ' + describe_dot_node(graph, order[i]);
  }
  size_t edges = 0;
  size_t left_out = 0;
  for (size_t i = 0; i < shown; ++i) {
    for (const auto& [target, kind] : graph.graph.references_of(order[i])) {
      if (!is_shown[target] || edges == kMaxDotEdges) {
        ++left_out;
        continue;
      }
      ++edges;
      text_ += prefix + std::to_string(order[i]) + arrow + std::to_string(target) + " [label=\"" +
               std::string(reference_kind_name(kind)) + "\"];\n";
    }
  }
  if (shown < order.size() || left_out > 0) {
    text_ += prefix + "rest [shape=plaintext, label=\"" + std::to_string(order.size() - shown) +
             " more nodes and " + std::to_string(left_out) + " more references are not shown\"];\n";
  }
  text_ += "  }\n";
}

}  // namespace wasmpack
