#include "inspect/facts/retained.h"

#include <algorithm>

namespace wasmpack {
namespace {

// Depth first numbers of the reached nodes, and the graph in these numbers.
struct DepthFirst {
  std::vector<uint32_t> node;    // number -> node
  std::vector<uint32_t> number;  // node -> number, or kNoNode
  std::vector<uint32_t> parent;  // number -> number of the parent in the tree

  explicit DepthFirst(const CallGraph& graph) : number(graph.nodes.size(), kNoNode) {
    std::vector<uint32_t> next(graph.begin.begin(), graph.begin.end() - 1);
    std::vector<uint32_t> stack;
    const auto enter = [&](uint32_t entered, uint32_t from) {
      number[entered] = static_cast<uint32_t>(node.size());
      node.push_back(entered);
      parent.push_back(from);
      stack.push_back(entered);
    };
    enter(kRootNode, 0);
    while (!stack.empty()) {
      const uint32_t at = stack.back();
      if (next[at] == graph.begin[at + 1]) {
        stack.pop_back();
        continue;
      }
      const uint32_t target = graph.references[next[at]++].target;
      if (number[target] == kNoNode) enter(target, number[at]);
    }
  }
};

// The sources of the references to each number, numbers too.
struct Sources {
  std::vector<uint32_t> begin;
  std::vector<uint32_t> sources;

  Sources(const CallGraph& graph, const DepthFirst& tree) : begin(tree.node.size() + 1, 0) {
    for (const uint32_t source : tree.node)
      for (const Reference& reference : graph.references_of(source))
        ++begin[tree.number[reference.target] + 1];
    for (size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
    sources.resize(begin.back());
    std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
    for (uint32_t source = 0; source < tree.node.size(); ++source)
      for (const Reference& reference : graph.references_of(tree.node[source]))
        sources[next[tree.number[reference.target]]++] = source;
  }
};

// The forest of Lengauer and Tarjan's LINK and EVAL.
class SemiForest {
 public:
  SemiForest(size_t count, const std::vector<uint32_t>& semi)
      : semi_(semi), ancestor_(count, kNoNode), label_(count) {
    for (size_t i = 0; i < count; ++i) label_[i] = static_cast<uint32_t>(i);
  }

  void link(uint32_t parent, uint32_t child) { ancestor_[child] = parent; }

  // The number with the least semidominator on the way from `number` up to its tree's root, which
  // does not count.
  uint32_t evaluate(uint32_t number) {
    if (ancestor_[number] == kNoNode) return number;
    path_.clear();
    for (uint32_t at = number; ancestor_[ancestor_[at]] != kNoNode; at = ancestor_[at])
      path_.push_back(at);
    for (size_t i = path_.size(); i-- > 0;) {
      const uint32_t at = path_[i];
      const uint32_t above = ancestor_[at];
      if (semi_[label_[above]] < semi_[label_[at]]) label_[at] = label_[above];
      ancestor_[at] = ancestor_[above];
    }
    return label_[number];
  }

 private:
  const std::vector<uint32_t>& semi_;
  std::vector<uint32_t> ancestor_;
  std::vector<uint32_t> label_;
  std::vector<uint32_t> path_;
};

UnreachedFact find_unreached(const CallGraph& graph, const ReachedNodes& reached) {
  UnreachedFact fact;
  if (!graph.problem.empty()) {
    fact.reason = graph.problem;
  } else if (graph.is_object && reached.order.size() == 1) {
    fact.reason = "nothing in the object is exported or marked to stay: whoever links it decides";
  } else {
    fact.items = fact.bytes = 0;
    for (uint32_t node = 1; node < graph.nodes.size(); ++node) {
      const GraphNode& entry = graph.nodes[node];
      if (entry.is_import || reached.parent[node] != kNoNode) continue;
      if (entry.kind != NodeKind::function && entry.kind != NodeKind::data) continue;
      fact.nodes.push_back(node);
      ++*fact.items;
      *fact.bytes += entry.size;
    }
  }
  return fact;
}

}  // namespace

ReachedNodes find_reached(const CallGraph& graph) {
  ReachedNodes reached;
  reached.parent.assign(graph.nodes.size(), kNoNode);
  reached.how.assign(graph.nodes.size(), ReferenceKind::exported);
  reached.order.push_back(kRootNode);
  for (size_t next = 0; next < reached.order.size(); ++next) {
    const uint32_t source = reached.order[next];
    for (const auto& [target, how] : graph.references_of(source)) {
      if (target == kRootNode || reached.parent[target] != kNoNode) continue;
      reached.parent[target] = source;
      reached.how[target] = how;
      reached.order.push_back(target);
    }
  }
  return reached;
}

std::vector<uint32_t> find_dominators(const CallGraph& graph) {
  const DepthFirst tree(graph);
  const Sources sources(graph, tree);
  const auto count = static_cast<uint32_t>(tree.node.size());
  std::vector<uint32_t> semi(count);
  for (uint32_t i = 0; i < count; ++i) semi[i] = i;
  std::vector<uint32_t> dominator(count, 0);
  // Lists: the numbers whose semidominator is this one.
  std::vector<uint32_t> bucket(count, kNoNode);
  std::vector<uint32_t> next_in_bucket(count, kNoNode);
  SemiForest forest(count, semi);
  for (uint32_t w = count; w-- > 1;) {
    for (uint32_t i = sources.begin[w]; i < sources.begin[w + 1]; ++i)
      semi[w] = std::min(semi[w], semi[forest.evaluate(sources.sources[i])]);
    next_in_bucket[w] = bucket[semi[w]];
    bucket[semi[w]] = w;
    const uint32_t parent = tree.parent[w];
    forest.link(parent, w);
    for (uint32_t v = bucket[parent]; v != kNoNode; v = next_in_bucket[v]) {
      const uint32_t least = forest.evaluate(v);
      dominator[v] = semi[least] < semi[v] ? least : parent;
    }
    bucket[parent] = kNoNode;
  }
  std::vector<uint32_t> result(graph.nodes.size(), kNoNode);
  for (uint32_t w = 1; w < count; ++w) {
    if (dominator[w] != semi[w]) dominator[w] = dominator[dominator[w]];
    result[tree.node[w]] = tree.node[dominator[w]];
  }
  return result;
}

std::vector<uint64_t> add_retained_sizes(const CallGraph& graph,
                                         std::span<const uint32_t> dominators) {
  std::vector<uint64_t> retained(graph.nodes.size(), 0);
  // A node comes before its dominator if each is done when all that it dominates are.
  std::vector<uint32_t> waiting(graph.nodes.size(), 0);
  for (const uint32_t dominator : dominators)
    if (dominator != kNoNode) ++waiting[dominator];
  std::vector<uint32_t> ready;
  for (uint32_t node = 0; node < graph.nodes.size(); ++node) {
    if (node != kRootNode && dominators[node] == kNoNode) continue;
    retained[node] = graph.nodes[node].size;
    if (waiting[node] == 0) ready.push_back(node);
  }
  while (!ready.empty()) {
    const uint32_t node = ready.back();
    ready.pop_back();
    const uint32_t dominator = dominators[node];
    if (dominator == kNoNode) continue;
    retained[dominator] += retained[node];
    if (--waiting[dominator] == 0) ready.push_back(dominator);
  }
  return retained;
}

std::optional<uint64_t> GraphFacts::retained_of(uint32_t node) const {
  if (retained.empty() || !graph.problem.empty() || !is_reached(node)) return std::nullopt;
  if (graph.nodes[node].kind == NodeKind::data && !graph.is_object) return std::nullopt;
  return retained[node];
}

GraphFacts gather_graph(const Object& object, bool want_retained) {
  GraphFacts facts;
  facts.graph = build_call_graph(object);
  facts.reached = find_reached(facts.graph);
  facts.unreached = find_unreached(facts.graph, facts.reached);
  if (want_retained) facts.retained = add_retained_sizes(facts.graph, find_dominators(facts.graph));
  return facts;
}

}  // namespace wasmpack
