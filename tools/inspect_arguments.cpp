#include "tools/inspect_arguments.h"

#include <CLI/CLI.hpp>

namespace wasmpack {
namespace {

// Files of all inputs together. Standard output holds one thing only.
void add_page_options(CLI::App& app, InspectOptions& options) {
  CLI::Option* html =
      app.add_option("--html", options.html,
                     "A page of all inputs: findings, ctor chain, treemap of sizes, symbol search")
          ->type_name("FILE");
  CLI::Option* dot = app.add_option("--dot", options.dot, "The ctor chains as a graph for Graphviz")
                         ->type_name("FILE");
  for (CLI::Option* option : {html, dot}) {
    option->check([](const std::string& value) {
      return value.empty() ? std::string("the name of the file is empty") : std::string();
    });
  }
  app.final_callback([&options] {
    const int count = (options.html == "-") + (options.dot == "-") + options.json;
    if (count > 1 && (options.html == "-" || options.dot == "-"))
      throw CLI::ValidationError(
          "standard output is asked for by more than one of --html, --dot, --json");
  });
}

}  // namespace

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
  add_page_options(app, options);
  add_report_options(app, options.report);
}

void choose_default_tables(TextTables& tables) {
  if (tables.constructors || tables.exports || tables.imports || tables.sections || tables.symbols)
    return;
  tables.constructors = tables.exports = tables.imports = true;
}

}  // namespace wasmpack
