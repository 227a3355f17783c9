#include "tools/inspect_pages.h"

#include <string>
#include <utility>

#include "support/bytes.h"
#include "support/output_file.h"

namespace wasmpack {

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
