// What `wasmpack inspect` is to look for: --check, --expect, --expect-kind, --list-checks.
#pragma once

#include <optional>
#include <string>

#include "inspect/checks/rules.h"
#include "support/diagnostic.h"
#include "tools/report.h"

namespace CLI {
class App;
}

namespace wasmpack {

struct CheckOptions {
  std::string check;              // path of rules.toml; empty: none, as below
  std::string expect;             // path of a manifest
  std::string expect_kind;        // object | module | shared | component | bundle
  std::string list_checks;        // text | markdown
  std::string fail_on = "error";  // error | warning | never
};

// After the option FILE, which --list-checks does without.
void add_check_options(CLI::App& app, CheckOptions& options);

// Reads the files that the options name. Nothing if one cannot be read or is wrong; `sink` has why.
std::optional<Rules> read_demands(const CheckOptions& options, DiagnosticSink& sink);

// Prints what `--list-checks` asks for; the exit code.
int list_checks(const CheckOptions& options, const ReportOptions& report);

}  // namespace wasmpack
