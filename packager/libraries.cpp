#include "packager/libraries.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "object/read.h"
#include "packager/linking_section.h"
#include "packager/serving_library.h"

namespace wasmpack {
namespace {

// Serving libraries may need each other (a C++ library and a libc). More rounds than this only
// arises from libraries that were cut into pieces at random.
constexpr int kMostRounds = 16;

struct Served {
  ServingLibrary library;
  std::vector<std::string> wanted = {};
  std::vector<Diagnostic> problems = {};  // of the last round: earlier ones lacked what others need
};

void report(const Manifest& manifest, uint32_t library, std::string_view id, std::string message,
            std::string help, DiagnosticSink& sink) {
  sink.report(fail(id, manifest_location(manifest.path, manifest.libraries[library].place),
                   std::move(message), std::move(help))
                  .value());
}

void prepare_serving(const Manifest& manifest, std::vector<Served>& served,
                     std::vector<PreparedLibrary>& libraries, DiagnosticSink& sink) {
  bool has_changed = !served.empty();
  for (int round = 0; has_changed && round < kMostRounds; ++round) {
    has_changed = false;
    for (Served& each : served) {
      std::vector<std::string> wanted = each.library.find_wanted(libraries);
      if (wanted == each.wanted) continue;
      has_changed = true;
      each.wanted = std::move(wanted);
      const uint32_t index = each.library.index();
      DiagnosticSink problems;
      libraries[index] = prepare_library(manifest, index, &each.wanted, problems);
      each.problems = problems.take_sorted();
    }
  }
  for (Served& each : served) {
    for (Diagnostic& problem : each.problems) sink.report(std::move(problem));
    each.library.check_patterns(manifest, sink);
    const uint32_t index = each.library.index();
    const std::string title = "library `" + manifest.libraries[index].name.text + "`";
    if (each.wanted.empty()) {
      report(manifest, index, "nothing-to-link",
             title +
                 " is lazy archives only, and no other library of the bundle needs anything of "
                 "them that its `keep-global` matches",
             "remove the library, or extend `keep-global`", sink);
    } else if (has_changed) {
      report(manifest, index, "libraries-entangled",
             title + " and other libraries of lazy archives need each other in too many turns",
             "make one library of their archives", sink);
    }
  }
}

// The constructors of a library get priorities above those of all libraries before it.
void number_constructors(const Manifest& manifest, uint32_t index, CtorNumbers& numbers,
                         PreparedLibrary& library, DiagnosticSink& sink) {
  Object object = library.object;
  if (object.init_functions.empty()) return;
  std::stable_sort(
      object.init_functions.begin(), object.init_functions.end(),
      [](const InitFunction& a, const InitFunction& b) { return a.priority < b.priority; });
  if (!numbers.has_room(object.init_functions.size())) {
    return report(manifest, index, "too-many-constructors",
                  "the bundle has more constructors than priorities", "", sink);
  }
  std::optional<uint32_t> previous;
  for (InitFunction& init : object.init_functions) {
    library.constructors.push_back({std::string(object.symbols[init.symbol].name), init.priority});
    if (previous && init.priority != *previous) ++numbers.next_priority;
    previous = init.priority;
    init.priority = numbers.next_priority;
  }
  ++numbers.next_priority;
  std::vector<uint8_t> bytes = rewrite_linking(object);
  Result<Object> numbered = read_object(bytes, object.file);
  if (!numbered) return sink.report(std::move(numbered.error()));
  library.bytes = std::move(bytes);
  library.object = std::move(*numbered);
}

}  // namespace

std::vector<PreparedLibrary> prepare_libraries(const Manifest& manifest, DiagnosticSink& sink) {
  std::vector<PreparedLibrary> libraries(manifest.libraries.size());
  std::vector<Served> served;
  for (uint32_t i = 0; i < libraries.size(); ++i) {
    if (std::optional<ServingLibrary> library = ServingLibrary::open(manifest, i))
      served.push_back({std::move(*library)});
    else
      libraries[i] = prepare_library(manifest, i, nullptr, sink);
  }
  if (sink.has_errors()) return libraries;  // what the others need is not known
  prepare_serving(manifest, served, libraries, sink);
  CtorNumbers numbers;
  for (uint32_t i = 0; i < libraries.size() && !sink.has_errors(); ++i)
    number_constructors(manifest, i, numbers, libraries[i], sink);
  return libraries;
}

}  // namespace wasmpack
