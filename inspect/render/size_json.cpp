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

void write_unreached_json(OStream& json, const UnreachedFact& unreached) {
  json.attributeObject("unreached", [&] {
    write_optional(json, "bytes", unreached.bytes);
    write_optional(json, "items", unreached.items);
    write_string(json, "reason", unreached.reason);
  });
}

void write_why_json(OStream& json, const GraphFacts& graph, std::span<const WhyFact> answers) {
  const auto write_place = [&](uint32_t node) {
    const GraphNode& entry = graph.graph.nodes[node];
    json.attribute("index", entry.index);
    json.attribute("kind", to_ref(node_kind_name(entry.kind)));
  };
  json.attributeArray("why", [&] {
    for (const WhyFact& answer : answers) {
      json.object([&] {
        write_place(answer.node);
        write_string(json, "name", answer.name);
        if (answer.path.empty()) {
          json.attribute("path", nullptr);
        } else {
          json.attributeArray("path", [&] {
            for (const WhyStep& step : answer.path) {
              json.object([&] {
                json.attribute("how", to_ref(reference_kind_name(step.how)));
                write_place(step.node);
                write_string(json, "name", node_name(graph.graph, step.node));
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
