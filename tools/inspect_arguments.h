// The command line of `wasmpack inspect`.
#pragma once

#include <string>
#include <vector>

#include "inspect/checks/rules.h"
#include "inspect/render/render.h"
#include "tools/inspect_sizes.h"
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
  SizeOptions sizes;
  ReportOptions report;
};

void add_inspect_options(CLI::App& app, InspectOptions& options);

// Without any table option, an overview: those that tell what a file offers, needs and runs.
void choose_default_tables(InspectOptions& options);

}  // namespace wasmpack
