#include "inspect/facts/why.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "inspect/facts/facts.h"
#include "inspect/facts/plain_names.h"

namespace wasmpack {
namespace {

struct NamedNode {
  std::string_view name;
  uint32_t node;
};

std::vector<NamedNode> list_names(const Facts& facts, const CallGraph& graph) {
  std::vector<NamedNode> names;
  names.reserve(graph.nodes.size() + facts.symbols.size());
  for (uint32_t node = 1; node < graph.nodes.size(); ++node) {
    const GraphNode& entry = graph.nodes[node];
    if (entry.name.empty() || entry.kind == NodeKind::indirect) continue;
    // An export answers for what it exports.
    const bool is_export = entry.kind == NodeKind::export_ && !graph.references_of(node).empty();
    names.push_back({entry.name, is_export ? graph.references_of(node).front().target : node});
  }
  // Further names of functions, and the data symbols in segments.
  for (const SymbolFact& symbol : facts.symbols) {
    if (symbol.name.empty()) continue;
    if (symbol.kind == SymbolKind::data && symbol.segment &&
        *symbol.segment < facts.segments.size())
      names.push_back({symbol.name, graph.first_data + *symbol.segment});
    else if (symbol.kind == SymbolKind::function && symbol.index)
      names.push_back({symbol.name, graph.first_function + *symbol.index});
  }
  return names;
}

std::vector<WhyStep> find_path(const ReachedNodes& reached, uint32_t node) {
  std::vector<WhyStep> path;
  for (uint32_t at = node; reached.parent[at] != kNoNode; at = reached.parent[at])
    path.push_back({at, reached.how[at]});
  std::ranges::reverse(path);
  return path;
}

// The function that "func[7]" means, or kNoNode.
uint32_t find_by_index(const CallGraph& graph, std::string_view name) {
  if (!name.starts_with("func[") || !name.ends_with("]")) return kNoNode;
  const std::string_view digits = name.substr(5, name.size() - 6);
  uint32_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size()) return kNoNode;
  const uint64_t node = uint64_t{graph.first_function} + index;
  const bool is_function =
      node < graph.nodes.size() && graph.nodes[node].kind == NodeKind::function;
  return is_function ? static_cast<uint32_t>(node) : kNoNode;
}

}  // namespace

std::vector<WhyFact> find_why(const Facts& facts, const GraphFacts& graph, std::string_view name) {
  const std::vector<NamedNode> names = list_names(facts, graph.graph);
  std::vector<NamedNode> found;
  for (const NamedNode& entry : names)
    if (entry.name == name) found.push_back(entry);
  if (found.empty()) {
    const uint32_t node = find_by_index(graph.graph, name);
    if (node != kNoNode) found.push_back({graph.graph.nodes[node].name, node});
  }
  if (found.empty()) {
    for (const NamedNode& entry : names)
      if (is_plain_name_of(name, entry.name)) found.push_back(entry);
  }
  std::ranges::stable_sort(found, {}, &NamedNode::node);
  const auto same = std::ranges::unique(found, {}, &NamedNode::node);
  found.erase(same.begin(), same.end());
  if (found.size() > kMaxWhyAnswers) found.resize(kMaxWhyAnswers);
  std::vector<WhyFact> answers;
  for (const NamedNode& entry : found)
    answers.push_back(
        {std::string(name), entry.name, entry.node, find_path(graph.reached, entry.node)});
  return answers;
}

std::vector<std::string_view> list_why_names(const Facts& facts, const GraphFacts& graph) {
  std::vector<std::string_view> names;
  for (const NamedNode& entry : list_names(facts, graph.graph)) names.push_back(entry.name);
  return names;
}

}  // namespace wasmpack
