// The command line of `wasmpack inspect`.
#pragma once

#include <string>
#include <vector>

#include "inspect/checks/rules.h"
#include "inspect/render/render.h"
#include "tools/report.h"

namespace CLI {
class App;
}

namespace wasmpack {

struct InspectOptions {
  std::vector<std::string> files;
  TextTables tables;
  bool json = false;
  Rules rules;                    // demands of the user; none by default
  std::string fail_on = "error";  // error | warning | never
  ReportOptions report;
};

void add_inspect_options(CLI::App& app, InspectOptions& options);

// Without any table option, an overview: those that tell what a file offers, needs and runs.
void choose_default_tables(TextTables& tables);

}  // namespace wasmpack
