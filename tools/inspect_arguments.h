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

// What to look for.
struct CheckOptions {
  std::string check;        // path of rules.toml; empty: none, as below
  std::string expect;       // path of a manifest
  std::string expect_kind;  // object | module | shared | component | bundle
  std::string list_checks;  // text | markdown
};

struct InspectOptions {
  std::vector<std::string> files;
  TextTables tables;
  bool json = false;
  CheckOptions checks;
  Rules rules;                    // demands of the user, from `checks`; none by default
  std::string fail_on = "error";  // error | warning | never
  ReportOptions report;
};

void add_inspect_options(CLI::App& app, InspectOptions& options);

// Without any table option, those that tell what a file offers, needs and runs.
void choose_default_tables(TextTables& tables);

}  // namespace wasmpack
