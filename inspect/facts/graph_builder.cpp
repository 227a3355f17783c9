#include "inspect/facts/graph_builder.h"

#include <algorithm>
#include <utility>

#include "inspect/facts/function_names.h"
#include "inspect/facts/segment_names.h"

namespace wasmpack {

GraphBuilder::GraphBuilder(const Object& object) : object_(object) {
  graph_.is_object = object.has_linking;
  graph_.nodes.reserve(1 + object.exports.size() + object.function_count() + object.data.size());
  add_node({NodeKind::root, false, 0, 0, {}});
  for (uint32_t i = 0; i < object.exports.size(); ++i)
    add_node({NodeKind::export_, false, i, 0, object.exports[i].name});

  const FunctionNames names(object);
  const uint32_t imported = object.imported_count(ExternKind::function);
  functions_ = object.function_count();
  first_function_ = graph_.first_function = static_cast<uint32_t>(graph_.nodes.size());
  for (uint32_t i = 0; i < functions_; ++i) {
    uint64_t size = 0;
    if (i >= imported && i - imported < object.code.size()) {
      const FunctionBody& body = object.code[i - imported];
      size = uint64_t{body.offset} + body.size - body.entry_offset;
    }
    add_node({NodeKind::function, i < imported, i, size, names.find(i)});
  }

  const std::vector<std::string_view> segment_names = read_segment_names(object);
  data_ = static_cast<uint32_t>(object.data.size());
  first_data_ = graph_.first_data = static_cast<uint32_t>(graph_.nodes.size());
  for (uint32_t i = 0; i < data_; ++i)
    add_node({NodeKind::data, false, i, object.data[i].content.size(), segment_names[i]});

  globals_ = static_cast<uint32_t>(object.globals.size());
  first_global_ = add_space(NodeKind::global, ExternKind::global, globals_);
  globals_ += object.imported_count(ExternKind::global);
  tables_ = static_cast<uint32_t>(object.tables.size());
  first_table_ = add_space(NodeKind::table, ExternKind::table, tables_);
  tables_ += object.imported_count(ExternKind::table);
  tags_ = static_cast<uint32_t>(object.tags.size());
  first_tag_ = add_space(NodeKind::tag, ExternKind::tag, tags_);
  tags_ += object.imported_count(ExternKind::tag);
  elements_ = static_cast<uint32_t>(object.elements.size());
  first_element_ = static_cast<uint32_t>(graph_.nodes.size());
  for (uint32_t i = 0; i < elements_; ++i) add_node({NodeKind::element, false, i, 0, {}});
  add_exports();
}

uint32_t GraphBuilder::add_space(NodeKind kind, ExternKind space, uint32_t defined) {
  const auto first = static_cast<uint32_t>(graph_.nodes.size());
  const uint32_t imported = object_.imported_count(space);
  for (uint32_t i = 0; i < imported; ++i)
    add_node({kind, true, i, 0, object_.find_import(space, i)->field});
  for (uint32_t i = 0; i < defined; ++i) add_node({kind, false, imported + i, 0, {}});
  return first;
}

void GraphBuilder::add_exports() {
  for (uint32_t i = 0; i < object_.exports.size(); ++i) {
    const Export& entry = object_.exports[i];
    refer(kRootNode, 1 + i, ReferenceKind::exported);
    const uint32_t target = entity(entry.kind, entry.index);
    refer(1 + i, target, ReferenceKind::exports);
    if (target != kNoNode && graph_.nodes[target].name.empty())
      graph_.nodes[target].name = entry.name;
  }
  if (object_.start) refer(kRootNode, function(*object_.start), ReferenceKind::start);
}

uint32_t GraphBuilder::add_node(const GraphNode& node) {
  graph_.nodes.push_back(node);
  return static_cast<uint32_t>(graph_.nodes.size() - 1);
}

std::string_view GraphBuilder::keep(const std::string& text) {
  char* copy = graph_.arena.Allocate<char>(text.size());
  std::copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

uint32_t GraphBuilder::entity(ExternKind kind, uint32_t index) const {
  switch (kind) {
    case ExternKind::function:
      return function(index);
    case ExternKind::table:
      return table(index);
    case ExternKind::global:
      return global(index);
    case ExternKind::tag:
      return tag(index);
    case ExternKind::memory:
      break;
  }
  return kNoNode;
}

void GraphBuilder::refer(uint32_t source, uint32_t target, ReferenceKind kind) {
  if (source == kNoNode || target == kNoNode) return;
  if (last_source_.size() < graph_.nodes.size()) last_source_.resize(graph_.nodes.size(), kNoNode);
  if (last_source_[target] == source) return;
  last_source_[target] = source;
  if (edges_.size() >= kMaxReferences)
    return fail("it has more references than are followed (16777216)");
  edges_.push_back({source, {target, kind}});
}

void GraphBuilder::fail(std::string problem) {
  if (graph_.problem.empty()) graph_.problem = std::move(problem);
}

CallGraph GraphBuilder::finish() {
  // Sorted by source, in one pass and with the order of each source's references kept.
  graph_.begin.assign(graph_.nodes.size() + 1, 0);
  for (const Edge& edge : edges_) ++graph_.begin[edge.source + 1];
  for (size_t i = 1; i < graph_.begin.size(); ++i) graph_.begin[i] += graph_.begin[i - 1];
  graph_.references.resize(edges_.size());
  std::vector<uint32_t> next(graph_.begin.begin(), graph_.begin.end() - 1);
  for (const Edge& edge : edges_) graph_.references[next[edge.source]++] = edge.reference;
  return std::move(graph_);
}

}  // namespace wasmpack
