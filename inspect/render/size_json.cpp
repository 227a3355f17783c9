// The JSON members about sizes and references (render_sizes.h). Keys are written sorted.

#include "inspect/render/render_sizes.h"
#include "inspect/render/size_text.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

using llvm::json::OStream;

llvm::StringRef to_ref(std::string_view text) { return {text.data(), text.size()}; }

void write_string(OStream& json, llvm::StringRef key, std::string_view text) {
  if (llvm::json::isUTF8(to_ref(text)))
    json.attribute(key, to_ref(text));
  else
    json.attribute(key, escape_controls(text));
}

void write_optional(OStream& json, llvm::StringRef key, const std::optional<uint64_t>& value) {
  if (value)
    json.attribute(key, *value);
  else
    json.attribute(key, nullptr);
}

void write_node(OStream& json, const GraphFacts& graph, uint32_t node) {
  json.attribute("index", graph.graph.nodes[node].index);
  json.attribute("kind", to_ref(node_kind_name(graph.graph.nodes[node].kind)));
  write_string(json, "name", node_name(graph.graph, node));
}

}  // namespace

void write_sizes_json(OStream& json, const Sizes& sizes) {
  json.attributeArray("sizes", [&] {
    for (const SizeItem& item : sizes.items) {
      json.object([&] {
        if (sizes.detail == SizeDetail::symbols)
          write_string(json, "library", sizes.owner_of(item, SizeOwner::library));
        json.attribute("offset", item.offset);
        write_string(json, "section", sizes.owner_of(item, SizeOwner::section));
        json.attribute("size", item.size);
        if (sizes.detail == SizeDetail::symbols) write_string(json, "symbol", item.symbol);
      });
    }
  });
}

void write_unreached_json(OStream& json, const GraphFacts& graph) {
  json.attributeObject("unreached", [&] {
    write_optional(json, "bytes", graph.unreached.bytes);
    write_optional(json, "items", graph.unreached.items);
    json.attributeArray("list", [&] {
      for (const uint32_t node : graph.unreached.nodes) {
        json.object([&] {
          write_node(json, graph, node);
          json.attribute("size", graph.graph.nodes[node].size);
        });
      }
    });
    write_string(json, "reason", graph.unreached.reason);
  });
}

void write_retained_json(OStream& json, const GraphFacts& graph) {
  json.attributeArray("retained", [&] {
    if (graph.retained.empty()) return;
    for (const uint32_t node : sort_by_retained(graph)) {
      json.object([&] {
        write_node(json, graph, node);
        json.attribute("retained", graph.retained[node]);
        json.attribute("size", graph.graph.nodes[node].size);
      });
    }
  });
}

void write_why_json(OStream& json, const GraphFacts& graph, std::span<const WhyFact> answers) {
  json.attributeArray("why", [&] {
    for (const WhyFact& answer : answers) {
      json.object([&] {
        json.attribute("index", graph.graph.nodes[answer.node].index);
        json.attribute("kind", to_ref(node_kind_name(graph.graph.nodes[answer.node].kind)));
        write_string(json, "name", answer.name);
        if (answer.path.empty()) {
          json.attribute("path", nullptr);
        } else {
          json.attributeArray("path", [&] {
            for (const WhyStep& step : answer.path) {
              json.object([&] {
                json.attribute("how", to_ref(reference_kind_name(step.how)));
                write_node(json, graph, step.node);
              });
            }
          });
        }
        write_optional(json, "retained", graph.retained_of(answer.node));
        json.attribute("size", graph.graph.nodes[answer.node].size);
      });
    }
  });
}

}  // namespace wasmpack
