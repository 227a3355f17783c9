#include "inspect/render/size_text.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

#include "inspect/render/init_text.h"
#include "inspect/render/render_sizes.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

// One line of the tables: numbers at their right, the name at the end since it may be long.
void print_row(llvm::raw_ostream& out, const std::string& first, const std::string& share,
               const std::string& third, const std::string& name) {
  const auto pad = [&](const std::string& text, size_t width) {
    out.indent(static_cast<unsigned>(2 + (text.size() < width ? width - text.size() : 0))) << text;
  };
  pad(first, 12);
  pad(share, 7);
  pad(third, 10);
  out << "  " << name << '\n';
}

void print_title(llvm::raw_ostream& out, const std::string& title, bool color) {
  out << '\n' << (color ? "\x1b[1m" : "") << title << (color ? "\x1b[0m" : "") << '\n';
}

std::string step_text(const CallGraph& graph, uint32_t node) {
  return std::string(node_kind_name(graph.nodes[node].kind)) + ' ' +
         show_name(node_name(graph, node));
}

}  // namespace

std::string percent_text(uint64_t part, uint64_t whole) {
  // Files are far smaller than 2^50 bytes, so this does not overflow.
  const uint64_t hundredths = whole == 0 ? 0 : part * 10000 / whole;
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%02llu", static_cast<unsigned long long>(hundredths / 100),
                static_cast<unsigned long long>(hundredths % 100));
  return text;
}

std::string node_name(const CallGraph& graph, uint32_t node) {
  const GraphNode& entry = graph.nodes[node];
  if (!entry.name.empty()) return std::string(entry.name);
  if (entry.kind == NodeKind::function) return "func[" + std::to_string(entry.index) + ']';
  return std::to_string(entry.index);
}

std::vector<uint32_t> sort_by_retained(const GraphFacts& graph) {
  std::vector<uint32_t> nodes;
  for (uint32_t node = 1; node < graph.graph.nodes.size(); ++node) {
    const NodeKind kind = graph.graph.nodes[node].kind;
    const bool is_wanted =
        kind == NodeKind::function || kind == NodeKind::data || kind == NodeKind::export_;
    if (is_wanted && graph.retained_of(node).value_or(0) > 0) nodes.push_back(node);
  }
  std::ranges::stable_sort(nodes, std::ranges::greater(),
                           [&](uint32_t node) { return graph.retained[node]; });
  return nodes;
}

void render_size_table(llvm::raw_ostream& out, const SizeTable& table, size_t most_rows,
                       bool color) {
  print_title(out, "Sizes by " + std::string(table.owner), color);
  print_row(out, "bytes", "share", "items", std::string(table.owner));
  const auto print = [&](const std::string& name, uint64_t size, uint64_t items) {
    print_row(out, std::to_string(size), percent_text(size, table.total) + '%',
              std::to_string(items), name);
  };
  uint64_t items = 0, left_size = 0, left_items = 0;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const SizeRow& row = table.rows[i];
    items += row.items;
    if (most_rows == 0 || i < most_rows) {
      print(show_name(row.name), row.size, row.items);
    } else {
      left_size += row.size;
      left_items += row.items;
    }
  }
  if (left_items > 0)
    print('[' + std::to_string(table.rows.size() - most_rows) + " more: --top 0 shows all]",
          left_size, left_items);
  print("[total]", table.total, items);
}

void render_unreached(llvm::raw_ostream& out, const UnreachedFact& unreached) {
  out << "\nNot reached: ";
  if (unreached.items && *unreached.items == 0)
    out << "nothing\n";
  else if (unreached.items)
    out << *unreached.items << (*unreached.items == 1 ? " item, " : " items, ") << *unreached.bytes
        << " bytes, which --gc-sections or wasm-metadce would drop\n";
  else
    out << "unknown: " << unreached.reason << '\n';
}

void render_retained_table(llvm::raw_ostream& out, const GraphFacts& graph, uint64_t total,
                           size_t most_rows, bool color) {
  if (!graph.unreached.items) {  // for the same reason
    out << "\nRetained sizes: unknown: " << graph.unreached.reason << '\n';
    return;
  }
  print_title(out, "Retained sizes: what would go together with each", color);
  print_row(out, "retained", "share", "itself", "symbol");
  const std::vector<uint32_t> nodes = sort_by_retained(graph);
  const size_t shown = most_rows == 0 ? nodes.size() : std::min(most_rows, nodes.size());
  for (size_t i = 0; i < shown; ++i) {
    const uint32_t node = nodes[i];
    print_row(out, std::to_string(graph.retained[node]),
              percent_text(graph.retained[node], total) + '%',
              std::to_string(graph.graph.nodes[node].size), step_text(graph.graph, node));
  }
  if (shown < nodes.size()) out << "  [" << nodes.size() - shown << " more: --top 0 shows all]\n";
}

void render_why(llvm::raw_ostream& out, const GraphFacts& graph, std::span<const WhyFact> answers) {
  for (const WhyFact& answer : answers) {
    const GraphNode& entry = graph.graph.nodes[answer.node];
    out << "\nWhy "
        << (answer.name.empty() ? node_name(graph.graph, answer.node) : show_name(answer.name))
        << " is there: " << step_text(graph.graph, answer.node);
    if (entry.is_import) out << ", imported";
    if (entry.size > 0) out << ", " << entry.size << " bytes";
    if (const std::optional<uint64_t> retained = graph.retained_of(answer.node);
        retained && *retained > 0)
      out << ", retains " << *retained;
    out << '\n';
    if (answer.path.empty()) {
      out << "  "
          << (graph.graph.problem.empty()
                  ? graph.graph.is_object
                        ? "nothing in this file that is exported or marked to stay leads to it; "
                          "other objects may refer to it"
                        : "nothing that an export or the start section reaches refers to it"
                  : "no way to it was found, but " + graph.graph.problem)
          << '\n';
    }
    for (const WhyStep& step : answer.path)
      out << "  " << reference_kind_name(step.how) << ": " << step_text(graph.graph, step.node)
          << '\n';
  }
}

}  // namespace wasmpack
