// The JSON members about sizes and references (render_sizes.h). Keys are written sorted.

#include "inspect/render/render_sizes.h"
#include "inspect/render/size_text.h"

namespace wasmpack {

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

void write_unreached_json(JsonWriter& json, const UnreachedFact& unreached) {
  json.member_object("unreached", [&] {
    json.member("bytes", unreached.bytes);
    json.member("items", unreached.items);
    json.member("reason", std::string_view(unreached.reason));
  });
}

void write_why_json(JsonWriter& json, const GraphFacts& graph, std::span<const WhyFact> answers) {
  const auto write_place = [&](uint32_t node) {
    const GraphNode& entry = graph.graph.nodes[node];
    json.member("index", entry.index);
    json.member("kind", node_kind_name(entry.kind));
  };
  json.member_objects("why", answers, [&](const WhyFact& answer) {
    write_place(answer.node);
    json.member("name", std::string_view(answer.name));
    json.key("path");
    if (answer.path.empty()) {
      json.null();
    } else {
      json.objects(answer.path, [&](const WhyStep& step) {
        json.member("how", reference_kind_name(step.how));
        write_place(step.node);
        json.member("name", std::string_view(node_name(graph.graph, step.node)));
      });
    }
    json.member("retained", graph.retained_of(answer.node));
    json.member("size", graph.graph.nodes[answer.node].size);
  });
}

}  // namespace wasmpack
