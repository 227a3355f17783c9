// Any text is a manifest or an error with a place, never a crash: neither ours nor the TOML
// parser's.
#include "packager/manifest.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wasmpack;
  DiagnosticSink sink;
  const std::optional<Manifest> manifest = parse_manifest({data, size}, "k.toml", sink);
  // One of the two, and never both.
  if (manifest.has_value() == sink.has_errors()) std::abort();
  for (const Diagnostic& problem : sink.take_sorted()) {
    if (render_text(problem, false).empty() || render_json(problem).empty()) std::abort();
  }
  return 0;
}
