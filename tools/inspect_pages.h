// The outputs of `wasmpack inspect` that are files of all inputs together: `--html` and `--dot`.
#pragma once

#include "inspect/render/render.h"
#include "inspect/render/render_dot.h"
#include "inspect/render/render_html.h"
#include "support/diagnostic.h"
#include "tools/inspect_arguments.h"

namespace wasmpack {

// Nothing if the files of --html and --dot may be written. An error for one that is an input, or
// holds wasm or an archive: rather an input that was taken for the option's FILE.
Result<void> check_page_files(const InspectOptions& options);

class InspectPages {
 public:
  explicit InspectPages(const InspectOptions& options) : options_(options) {}

  // Whether standard output is for one of them, so that nothing else may be printed there.
  bool take_stdout() const { return options_.html == "-" || options_.dot == "-"; }

  // One file or member, which nobody needs any more.
  void add(Inspected inspected);
  void add_problem(const Diagnostic& problem);

  // Each file is written whole or not at all.
  Result<void> write();

 private:
  const InspectOptions& options_;
  HtmlPage page_;
  DotGraph graph_;
};

}  // namespace wasmpack
