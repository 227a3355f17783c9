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
  bool no_validate = false;       // the validator is not asked
  Rules rules;                    // demands of the user; none by default
  std::string fail_on = "error";  // error | warning | never
  SizeOptions sizes;
  ReportOptions report;
};

void add_inspect_options(CLI::App& app, InspectOptions& options);

// Whether findings of that severity make the exit code 1 (--fail-on).
bool is_failing(const InspectOptions& options, Severity severity);

// Without any table option, an overview: those that tell what a file offers, needs and runs.
void choose_default_tables(InspectOptions& options);

}  // namespace wasmpack
