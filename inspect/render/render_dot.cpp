#include "inspect/render/render_dot.h"

#include <ranges>

#include "inspect/render/chain_graph.h"
#include "inspect/render/init_text.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

constexpr ChainGraphLimits kLimits = {.callers = 200, .constructors = 1000, .registrations = 1000};

std::string_view choose_shape(ChainNodeKind kind) {
  switch (kind) {
    case ChainNodeKind::host:
      return "ellipse";
    case ChainNodeKind::chain:
      return "box3d";
    case ChainNodeKind::registration:
      return "note";
    case ChainNodeKind::others:
    case ChainNodeKind::idle:
      return "plaintext";
    default:
      return "box";
  }
}

std::string_view choose_colour(ChainNodeState state) {
  switch (state) {
    case ChainNodeState::once:
      return "#1a7f37";
    case ChainNodeState::again:
      return "#bc4c00";
    case ChainNodeState::never:
      return "#cf222e";
    case ChainNodeState::unknown:
      return "#8250df";
    case ChainNodeState::neutral:
      break;
  }
  return "#57606a";
}

}  // namespace

std::string quote_for_dot(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : show_name(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
    if (c == '&') quoted += "amp;";  // labels may have entities
  }
  return quoted + '"';
}

void DotGraph::add_chain(const Facts& facts) {
  const ChainGraph graph = make_chain_graph(facts, kLimits);
  const std::string prefix = "c" + std::to_string(clusters_) + "_n";
  const auto name_of = [&](size_t node) { return prefix + std::to_string(node); };
  text_ += "  subgraph cluster_" + std::to_string(clusters_++) + " {\n    label=" +
           quote_for_dot("ctor chain of " + input_name(facts.file, facts.member)) + ";\n";
  if (graph.nodes.empty()) {
    text_ += "    " + name_of(0) +
             " [shape=plaintext, label=" + quote_for_dot("no constructors known: " + graph.note) +
             "];\n";
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const ChainNode& node = graph.nodes[i];
    text_ += "    " + name_of(i) + " [shape=" + std::string(choose_shape(node.kind)) +
             ", color=\"" + std::string(choose_colour(node.state)) +
             "\", label=" + quote_for_dot(node.label) + ", class=\"" +
             std::string(chain_node_kind_name(node.kind)) + ' ' +
             std::string(chain_node_state_name(node.state)) + '"';
    if (!node.detail.empty()) text_ += ", tooltip=" + quote_for_dot(node.detail);
    text_ += "];\n";
  }
  // Graphviz, from left to right, puts what comes last at the top.
  text_ += "    ordering=out;\n";
  for (const ChainEdge& edge : std::ranges::reverse_view(graph.edges))
    text_ += "    " + name_of(edge.from) + " -> " + name_of(edge.to) + ";\n";
  text_ += "  }\n";
}

std::string DotGraph::finish() && {
  return "digraph wasmpack {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", "
         "fontsize=11];\n"
         "  graph [fontname=\"sans-serif\", fontsize=12];\n" +
         std::move(text_) + "}\n";
}

}  // namespace wasmpack
