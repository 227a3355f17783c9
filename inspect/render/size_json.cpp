// The JSON members about sizes and references (render_sizes.h). Keys are written sorted.

#include "inspect/render/render_sizes.h"
#include "inspect/render/size_text.h"

namespace wasmpack {
namespace {

void write_node(JsonWriter& json, const GraphFacts& graph, uint32_t node) {
  json.member("index", graph.graph.nodes[node].index);
  json.member("kind", node_kind_name(graph.graph.nodes[node].kind));
  json.member("name", std::string_view(node_name(graph.graph, node)));
}

}  // namespace

void write_sizes_json(JsonWriter& json, const Sizes& sizes) {
  const bool has_symbols = sizes.detail == SizeDetail::symbols;
  json.member_objects("sizes", sizes.items, [&](const SizeItem& item) {
    if (has_symbols) json.member("library", sizes.owner_of(item, SizeOwner::library));
    json.member("offset", item.offset);
    json.member("section", sizes.owner_of(item, SizeOwner::section));
    json.member("size", item.size);
    if (has_symbols) json.member("symbol", item.symbol);
  });
}

void write_unreached_json(JsonWriter& json, const GraphFacts& graph) {
  json.member_object("unreached", [&] {
    json.member("bytes", graph.unreached.bytes);
    json.member("items", graph.unreached.items);
    json.member_objects("list", graph.unreached.nodes, [&](uint32_t node) {
      write_node(json, graph, node);
      json.member("size", graph.graph.nodes[node].size);
    });
    json.member("reason", std::string_view(graph.unreached.reason));
  });
}

void write_retained_json(JsonWriter& json, const GraphFacts& graph) {
  json.member_array("retained", [&] {
    if (graph.retained.empty()) return;
    for (const uint32_t node : sort_by_retained(graph)) {
      json.object([&] {
        write_node(json, graph, node);
        json.member("retained", graph.retained[node]);
        json.member("size", graph.graph.nodes[node].size);
      });
    }
  });
}

void write_why_json(JsonWriter& json, const GraphFacts& graph, std::span<const WhyFact> answers) {
  json.member_objects("why", answers, [&](const WhyFact& answer) {
    json.member("index", graph.graph.nodes[answer.node].index);
    json.member("kind", node_kind_name(graph.graph.nodes[answer.node].kind));
    json.member("name", std::string_view(answer.name));
    json.key("path");
    if (answer.path.empty()) {
      json.null();
    } else {
      json.objects(answer.path, [&](const WhyStep& step) {
        json.member("how", reference_kind_name(step.how));
        write_node(json, graph, step.node);
      });
    }
    json.member("retained", graph.retained_of(answer.node));
    json.member("size", graph.graph.nodes[answer.node].size);
  });
}

}  // namespace wasmpack
