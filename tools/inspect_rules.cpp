#include "tools/inspect_rules.h"

#include <utility>

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
