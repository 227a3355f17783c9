#include "tools/inspect_arguments.h"

#include <CLI/CLI.hpp>

namespace wasmpack {

void add_inspect_options(CLI::App& app, InspectOptions& options) {
  app.add_option("FILE", options.files, "Objects, archives, modules; - is standard input")
      ->required();
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
  add_report_options(app, options.report);
}

void choose_default_tables(TextTables& tables) {
  if (tables.constructors || tables.exports || tables.imports || tables.sections || tables.symbols)
    return;
  tables.constructors = tables.exports = tables.imports = true;
}

}  // namespace wasmpack
