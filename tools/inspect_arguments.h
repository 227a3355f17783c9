// The command line of `wasmpack inspect`.
#pragma once

#include <string>
#include <vector>

#include "inspect/render/render.h"
#include "tools/report.h"

namespace CLI {
class App;
}

namespace wasmpack {

// Questions about several files at once.
struct CompareOptions {
  std::string old_file;            // --diff
  bool conflicts = false;          // --conflicts
  bool link_line = false;          // --link-line
  std::vector<std::string> roots;  // --root
  bool is_asked() const { return !old_file.empty() || conflicts || link_line; }
};

struct InspectOptions {
  std::vector<std::string> files;
  CompareOptions compare;
  TextTables tables;
  bool json = false;
  ReportOptions report;
};

void add_inspect_options(CLI::App& app, InspectOptions& options);

// Without any table option, those that tell what a file offers, needs and runs.
void choose_default_tables(TextTables& tables);

}  // namespace wasmpack
