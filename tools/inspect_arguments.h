// The command line of `wasmpack inspect`.
#pragma once

#include <string>
#include <vector>

#include "inspect/checks/rules.h"
#include "inspect/render/render.h"
#include "tools/inspect_fix.h"
#include "tools/inspect_rules.h"
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
  TextTables tables;
  bool json = false;
  SizeOptions sizes;
  std::string html;  // file for the page of all inputs; empty: none
  std::string dot;   // file for the graphs of all inputs; empty: none
  CheckOptions checks;
  Rules rules;               // demands of the user, from `checks`; none by default
  bool no_validate = false;  // the validator is not asked
  bool run = false;          // count runs of constructors in an interpreter
  CompareOptions compare;
  FixOptions fix;
  ReportOptions report;
};

void add_inspect_options(CLI::App& app, InspectOptions& options);

// Whether findings of that severity make the exit code 1 (--fail-on).
bool is_failing(const InspectOptions& options, Severity severity);

// Without any table option, an overview: those that tell what a file offers, needs and runs.
void choose_default_tables(InspectOptions& options);

}  // namespace wasmpack
