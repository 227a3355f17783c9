#include "tools/inspect_arguments.h"

#include <CLI/CLI.hpp>

namespace wasmpack {
namespace {

void add_validation_options(CLI::App& app, InspectOptions& options) {
  constexpr const char* kGroup = "Checks";
  app.add_flag("--no-validate", options.no_validate,
               "Do not ask the validator whether the module is valid")
      ->group(kGroup);
  app.add_flag("--run", options.run,
               "Count in an interpreter how often exports of modules run the constructors")
      ->group(kGroup);
}

void add_table_options(CLI::App& app, CLI::Option* json, TextTables& tables) {
  const auto add_table = [&](const char* name, bool& flag, const char* text) {
    app.add_flag(name, flag, text)
        ->excludes(json)
        ->group("Tables (default: ctors, registry, exports, imports, at most 20 rows of each)");
  };
  add_table("--ctors", tables.constructors,
            "Constructors: order, priority, name, what they call and register");
  add_table("--registry", tables.registry,
            "Kernels and params of a bundle; what constructors register");
  add_table("--exports", tables.exports, "Exports");
  add_table("--imports", tables.imports, "Imports");
  add_table("--memory", tables.memory,
            "Memory layout; memories, tables, globals and tags with their types");
  add_table("--sections", tables.sections, "Sections: offset, size, relocations");
  add_table("--functions", tables.functions, "Functions: index, offset, size, type");
  add_table("--segments", tables.segments, "Data segments: offset, size, alignment, address");
  add_table("--symbols", tables.symbols, "Symbols of an object: kind, index, size, flags");
  add_table("--relocs", tables.relocations,
            "Relocations of an object, by the function or segment they lie in");
}

// Files of all inputs together. Standard output holds one thing only.
void add_page_options(CLI::App& app, InspectOptions& options) {
  constexpr const char* kGroup = "Files";
  CLI::Option* html =
      app.add_option("--html", options.html,
                     "A page of all inputs: findings, ctor chain, treemap of sizes, symbol search")
          ->type_name("FILE")
          ->group(kGroup);
  CLI::Option* dot =
      app.add_option("--dot", options.dot, "The ctor chain and the call graph for Graphviz")
          ->type_name("FILE")
          ->group(kGroup);
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

void add_compare_options(CLI::App& app, CompareOptions& options) {
  const std::string group = "Several files";
  CLI::Option* diff = app.add_option("--diff", options.old_file,
                                     "What changed since OLD, and what of it breaks users")
                          ->type_name("OLD");
  CLI::Option* conflicts =
      app.add_flag("--conflicts", options.conflicts,
                   "What collides when these objects and archives are linked together");
  CLI::Option* link_line =
      app.add_flag("--link-line", options.link_line,
                   "Which archive members a link of these files takes, and which constructors it "
                   "drops");
  app.add_option("--root", options.roots,
                 "A name that the link wants besides (--entry, --export); may be given again")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->needs(link_line)
      ->group(group);
  diff->excludes(conflicts)->excludes(link_line);
  conflicts->excludes(link_line);
  for (CLI::Option* option : {diff, conflicts, link_line}) option->group(group);
}

// What answers another question than "what is in this file" says nothing to the options that shape
// that answer: better refused than ignored.
void exclude_other_questions(CLI::App& app) {
  const std::vector<CLI::Option*> shaping = app.get_options([](const CLI::Option* option) {
    const std::string& group = option->get_group();
    return group.starts_with("Tables") || group == "Files" || group == "Sizes and references" ||
           option->get_name() == "--run";
  });
  for (const char* name : {"--diff", "--conflicts", "--link-line", "--fix"})
    for (CLI::Option* option : shaping) app.get_option(name)->excludes(option);
  for (const char* question : {"--diff", "--conflicts", "--fix"})
    for (const char* demand : {"--check", "--expect", "--expect-kind"})
      app.get_option(question)->excludes(app.get_option(demand));
  for (const char* question : {"--diff", "--conflicts", "--link-line"})
    app.get_option("--fix")->excludes(app.get_option(question));
}

}  // namespace

void add_inspect_options(CLI::App& app, InspectOptions& options) {
  app.add_option("FILE", options.files, "Objects, archives, modules; - is standard input")
      ->required();
  CLI::Option* json =
      app.add_flag("--json", options.json, "Everything, as one JSON object a line for each file");
  add_table_options(app, json, options.tables);
  add_size_options(app, options.sizes);
  add_page_options(app, options);
  add_check_options(app, options.checks);
  add_validation_options(app, options);
  add_compare_options(app, options.compare);
  add_fix_options(app, options.fix);
  exclude_other_questions(app);
  add_report_options(app, options.report);
}

bool is_failing(const InspectOptions& options, Severity severity) {
  if (options.checks.fail_on == "never") return false;
  return severity >= (options.checks.fail_on == "error" ? Severity::error : Severity::warning);
}

void choose_default_tables(InspectOptions& options) {
  TextTables& tables = options.tables;
  if (tables.has_any() || !options.sizes.is_empty()) return;
  tables.is_overview = true;
  tables.constructors = tables.registry = tables.exports = tables.imports = true;
}

}  // namespace wasmpack
