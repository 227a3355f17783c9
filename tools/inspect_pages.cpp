#include "tools/inspect_pages.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "object/file_kind.h"
#include "support/bytes.h"
#include "support/input_file.h"
#include "support/output_file.h"

namespace wasmpack {
namespace {

bool is_wasm_or_archive(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  const Result<InputFile> file = InputFile::open(path);
  if (!file) return false;
  const FileKind kind = identify_file(file->bytes());
  return kind == FileKind::object || kind == FileKind::archive || kind == FileKind::thin_archive ||
         kind == FileKind::module || kind == FileKind::shared || kind == FileKind::component;
}

}  // namespace

Result<void> check_page_files(const InspectOptions& options) {
  for (const std::string& output : {options.html, options.dot}) {
    if (output.empty() || output == "-" || !is_wasm_or_archive(output)) continue;
    return fail("usage", {.file = output},
                "is wasm or an archive, and would be overwritten by the page or graph",
                "give the file to write first, then the inputs: --html page.html lib.wasm");
  }
  return {};
}

void InspectPages::add(Inspected inspected) {
  if (!options_.dot.empty()) {
    graph_.add_chain(inspected.facts);
    graph_.add_calls(inspected.facts);
  }
  if (!options_.html.empty()) page_.add(std::move(inspected));
}

void InspectPages::add_problem(const Diagnostic& problem) {
  if (!options_.html.empty()) page_.add_problem(problem);
}

Result<void> InspectPages::write() {
  if (!options_.html.empty()) {
    const std::string page = std::move(page_).finish();
    if (Result<void> done = write_whole_file(options_.html, as_bytes(page)); !done) return done;
  }
  if (!options_.dot.empty()) {
    const std::string graph = std::move(graph_).finish();
    if (Result<void> done = write_whole_file(options_.dot, as_bytes(graph)); !done) return done;
  }
  return {};
}

}  // namespace wasmpack
