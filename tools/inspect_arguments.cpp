#include "tools/inspect_arguments.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <CLI/CLI.hpp>

namespace wasmpack {

namespace {

// "": one of `names`; else what is wrong with `value`.
std::string check_choice(const std::string& value, std::initializer_list<std::string_view> names) {
  if (std::ranges::find(names, value) != names.end()) return {};
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return "'" + value + "' is none of " + list;
}

void add_check_options(CLI::App& app, CheckOptions& options) {
  constexpr const char* kGroup = "Checks";
  app.add_option("--check", options.check, "Check against these rules (docs/rules.md), a TOML file")
      ->type_name("RULES")
      ->group(kGroup);
  app.add_option("--expect", options.expect, "Check a bundle against the manifest it was made from")
      ->type_name("MANIFEST")
      ->group(kGroup);
  app.add_option("--expect-kind", options.expect_kind,
                 "It must be this: object, module, shared, component or bundle")
      ->type_name("KIND")
      ->check([](const std::string& value) {
        return check_choice(value, {"object", "module", "shared", "component", "bundle"});
      })
      ->group(kGroup);
  app.add_flag("--list-checks{text}", options.list_checks,
               "Print the table of checks; =markdown: docs/checks.md")
      ->check([](const std::string& value) { return check_choice(value, {"text", "markdown"}); })
      ->group(kGroup);
}

}  // namespace

void add_inspect_options(CLI::App& app, InspectOptions& options) {
  app.add_option("FILE", options.files, "Objects, archives, modules; - is standard input");
  CLI::Option* json =
      app.add_flag("--json", options.json, "Everything, as one JSON object a line for each file");
  const auto add_table = [&](const char* name, bool& flag, const char* text) {
    app.add_flag(name, flag, text)
        ->excludes(json)
        ->group("Tables (default: ctors, exports, imports)");
  };
  add_table("--ctors", options.tables.constructors,
            "Constructors: order, priority, name, what they call");
  add_table("--exports", options.tables.exports, "Exports; of a bundle also its kernels");
  add_table("--imports", options.tables.imports, "Imports");
  add_table("--sections", options.tables.sections, "Sections: offset, size, relocations");
  add_table("--symbols", options.tables.symbols, "Symbols of an object: kind, index, size, flags");
  app.add_option("--fail-on", options.fail_on,
                 "Exit code 1 for findings of this severity or above: error (default), warning, "
                 "never")
      ->type_name("SEVERITY")
      ->check([](const std::string& value) {
        const bool known = value == "error" || value == "warning" || value == "never";
        return known ? std::string() : "'" + value + "' is none of error, warning, never";
      });
  add_check_options(app, options.checks);
  add_report_options(app, options.report);
}

void choose_default_tables(TextTables& tables) {
  if (tables.constructors || tables.exports || tables.imports || tables.sections || tables.symbols)
    return;
  tables.constructors = tables.exports = tables.imports = true;
}

}  // namespace wasmpack
