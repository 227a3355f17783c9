#include "tools/inspect_rules.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "inspect/checks/check.h"
#include "inspect/checks/rules_reader.h"
#include "inspect/render/check_list.h"
#include "packager/manifest.h"
#include "support/input_file.h"
#include "tools/manifest_rules.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

// The rules of one file, by the function that reads its text.
template <typename Parse>
std::optional<Rules> read_file(const std::string& path, DiagnosticSink& sink, Parse parse) {
  Result<InputFile> file = InputFile::open(path);
  if (!file) {
    sink.report(std::move(file.error()));
    return std::nullopt;
  }
  return parse(file->bytes(), file->path());
}

}  // namespace

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
      ->check(one_of({"object", "module", "shared", "component", "bundle"}))
      ->group(kGroup);
  CLI::Option* files = app.get_option("FILE");
  app.add_flag("--list-checks{text}", options.list_checks,
               "Print the table of checks; =markdown: docs/checks.md")
      ->check(one_of({"text", "markdown"}))
      ->each([files](const std::string&) { files->required(false); })
      ->group(kGroup);
  app.add_option("--fail-on", options.fail_on,
                 "Exit code 1 for findings of this severity or above: error (default), warning, "
                 "never")
      ->type_name("SEVERITY")
      ->check(one_of({"error", "warning", "never"}))
      ->group(kGroup);
}

std::optional<Rules> read_demands(const CheckOptions& options, DiagnosticSink& sink) {
  Rules rules;
  bool is_good = true;
  const auto add = [&](std::optional<Rules> more) {
    if (more)
      merge_rules(rules, std::move(*more));
    else
      is_good = false;
  };
  if (!options.expect.empty()) {
    add(read_file(options.expect, sink, [&](Bytes text, const std::string& path) {
      const std::optional<Manifest> manifest = parse_manifest(text, path, sink);
      return manifest ? std::optional(make_manifest_rules(*manifest)) : std::nullopt;
    }));
  }
  if (!options.check.empty()) {
    add(read_file(options.check, sink, [&](Bytes text, const std::string& path) {
      return parse_rules(text, path, sink);
    }));
  }
  if (!options.expect_kind.empty()) rules.kind = parse_wasm_kind(options.expect_kind);
  if (!is_good) return std::nullopt;
  return rules;
}

int list_checks(const CheckOptions& options, const ReportOptions& report) {
  const std::string text = options.list_checks == "markdown" ? render_check_pages(all_checks())
                                                             : render_check_list(all_checks());
  return print_output(text, report) ? kExitDone : kExitFailed;
}

}  // namespace wasmpack
