#include "inspect/render/render_dot.h"

#include <algorithm>
#include <string>
#include <vector>

#include "inspect/render/init_text.h"
#include "inspect/render/size_text.h"

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

void render_node(llvm::raw_ostream& out, const GraphFacts& graph, uint32_t node) {
  const GraphNode& entry = graph.graph.nodes[node];
  std::string label = entry.kind == NodeKind::root ? describe_node(graph.graph, node)
                                                   : std::string(node_kind_name(entry.kind)) +
                                                         '\n' + node_name(graph.graph, node);
  out << "  n" << node << " [shape=" << shape_of(entry.kind);
  // The newline is ours; one in a name was escaped by show_name.
  const size_t newline = label.find('\n');
  std::string text = dot_string(show_name(
      newline == std::string::npos ? label : std::string_view(label).substr(newline + 1)));
  if (newline != std::string::npos) text.insert(1, label.substr(0, newline) + "\\n");
  if (entry.size > 0) text.insert(text.size() - 1, "\\n" + std::to_string(entry.size) + " bytes");
  out << ", label=" << text;
  if (entry.is_import) out << ", style=dashed";
  out << "];\n";
}

}  // namespace

std::string dot_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

void render_call_graph_dot(llvm::raw_ostream& out, std::string_view title, const GraphFacts& graph,
                           size_t most_nodes) {
  const std::vector<uint32_t>& order = graph.reached.order;
  const size_t shown = std::min(order.size(), most_nodes);
  std::vector<bool> is_shown(graph.graph.nodes.size());
  out << "digraph " << dot_string(show_name(title)) << " {\n  rankdir=LR;\n  node [fontsize=10];\n";
  for (size_t i = 0; i < shown; ++i) {
    is_shown[order[i]] = true;
    render_node(out, graph, order[i]);
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
      out << "  n" << order[i] << " -> n" << target << " [label=\"" << reference_kind_name(kind)
          << "\"];\n";
    }
  }
  if (shown < order.size() || left_out > 0)
    out << "  rest [shape=plaintext, label=\"" << order.size() - shown << " more nodes and "
        << left_out << " more references are not shown\"];\n";
  out << "}\n";
}

}  // namespace wasmpack
