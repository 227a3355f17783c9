#include "inspect/render/size_csv.h"

#include <algorithm>

#include "inspect/render/render_sizes.h"
#include "inspect/render/size_text.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

// Characters that begin a formula, also in their full-width forms.
constexpr std::string_view kFormulaStarts[] = {"=",      "+",      "-",      "@",
                                               "\uff1d", "\uff0b", "\uff0d", "\uff20"};

}  // namespace

std::string csv_field(std::string_view text) {
  std::string field = escape_controls(text);
  if (std::ranges::any_of(kFormulaStarts,
                          [&](std::string_view start) { return field.starts_with(start); }))
    field.insert(field.begin(), '\'');
  if (field.find_first_of("\",") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void render_size_csv_heading(llvm::raw_ostream& out, std::string_view owner) {
  out << "file," << owner << ",bytes,share,items\r\n";
}

void render_size_csv(llvm::raw_ostream& out, const SizeTable& table) {
  const std::string file = csv_field(table.file);
  uint64_t items = 0;
  for (const SizeRow& row : table.rows) {
    items += row.items;
    out << file << ',' << csv_field(row.name) << ',' << row.size << ','
        << percent_text(row.size, table.total) << ',' << row.items << "\r\n";
  }
  out << file << ",[total]," << table.total << ',' << percent_text(table.total, table.total) << ','
      << items << "\r\n";
}

void render_retained_csv_heading(llvm::raw_ostream& out) {
  out << "file,symbol,kind,bytes,retained\r\n";
}

void render_retained_csv(llvm::raw_ostream& out, std::string_view file, const GraphFacts& graph) {
  for (const uint32_t node : sort_by_retained(graph)) {
    const GraphNode& entry = graph.graph.nodes[node];
    out << csv_field(file) << ',' << csv_field(node_name(graph.graph, node)) << ','
        << node_kind_name(entry.kind) << ',' << entry.size << ',' << graph.retained[node] << "\r\n";
  }
}

}  // namespace wasmpack
