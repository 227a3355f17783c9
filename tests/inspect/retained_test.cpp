// Dominators and what the root reaches, against brute force: take a node away and look again.
#include "inspect/facts/retained.h"

#include <random>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

CallGraph make_graph(size_t nodes, const std::vector<std::pair<uint32_t, uint32_t>>& edges) {
  CallGraph graph;
  graph.nodes.resize(nodes, {NodeKind::function, false, 0, 0, {}});
  graph.nodes[kRootNode].kind = NodeKind::root;
  for (uint32_t i = 1; i < nodes; ++i) graph.nodes[i].size = uint64_t{1} << (i % 40);
  for (uint32_t source = 0; source < nodes; ++source) {
    graph.begin.push_back(static_cast<uint32_t>(graph.references.size()));
    for (const auto& [from, to] : edges)
      if (from == source) graph.references.push_back({to, ReferenceKind::call});
  }
  graph.begin.push_back(static_cast<uint32_t>(graph.references.size()));
  return graph;
}

// Bytes of the nodes that the root reaches without going through `removed`.
uint64_t reached_bytes(const CallGraph& graph, uint32_t removed) {
  std::vector<bool> seen(graph.nodes.size());
  std::vector<uint32_t> work = {kRootNode};
  seen[kRootNode] = true;
  uint64_t bytes = 0;
  while (!work.empty()) {
    const uint32_t node = work.back();
    work.pop_back();
    bytes += graph.nodes[node].size;
    for (const Reference& reference : graph.references_of(node)) {
      if (reference.target == removed || seen[reference.target]) continue;
      seen[reference.target] = true;
      work.push_back(reference.target);
    }
  }
  return bytes;
}

void check(const CallGraph& graph) {
  const std::vector<uint64_t> retained = add_retained_sizes(graph, find_dominators(graph));
  const ReachedNodes reached = find_reached(graph);
  const uint64_t all = reached_bytes(graph, kNoNode);
  EXPECT_EQ(retained[kRootNode], all);
  for (uint32_t node = 1; node < graph.nodes.size(); ++node) {
    EXPECT_EQ(retained[node], all - reached_bytes(graph, node)) << "node " << node;
    EXPECT_EQ(reached.parent[node] != kNoNode, retained[node] != 0);
  }
}

TEST(Retained, RandomGraphs) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const auto nodes = static_cast<uint32_t>(2 + random() % 12);
    std::vector<std::pair<uint32_t, uint32_t>> edges;
    for (size_t i = random() % (3 * nodes); i > 0; --i)
      edges.emplace_back(random() % nodes, random() % nodes);
    check(make_graph(nodes, edges));
    if (HasFailure()) {
      for (const auto& [from, to] : edges) ADD_FAILURE() << from << " -> " << to;
      return;
    }
  }
}

TEST(Retained, Diamond) {
  // Both ways lead to 4, so only 1 retains it; 3 has 5 for itself.
  const CallGraph graph = make_graph(6, {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 4}, {3, 5}});
  EXPECT_EQ(find_dominators(graph), (std::vector<uint32_t>{kNoNode, 0, 1, 1, 1, 3}));
  const std::vector<uint64_t> retained = add_retained_sizes(graph, find_dominators(graph));
  EXPECT_EQ(retained, (std::vector<uint64_t>{62, 62, 4, 8 + 32, 16, 32}));
}

// A chain that recursion would not survive, each node also reached from the one before its parent.
TEST(Retained, DeepGraph) {
  constexpr uint32_t kDepth = 300'000;
  CallGraph graph;
  graph.nodes.assign(kDepth, {NodeKind::function, false, 0, 1, {}});
  for (uint32_t i = 0; i < kDepth; ++i) {
    graph.begin.push_back(static_cast<uint32_t>(graph.references.size()));
    for (const uint32_t to : {i + 1, i + 2})
      if (to < kDepth) graph.references.push_back({to, ReferenceKind::call});
  }
  graph.begin.push_back(static_cast<uint32_t>(graph.references.size()));
  const std::vector<uint64_t> retained = add_retained_sizes(graph, find_dominators(graph));
  EXPECT_EQ(retained[0], kDepth);
  EXPECT_EQ(retained[1], 1u);  // 2 is reached without it
}

}  // namespace
}  // namespace wasmpack
