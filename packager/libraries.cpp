#include "packager/libraries.h"

#include <optional>
#include <string>
#include <utility>

#include "packager/serving_library.h"

namespace wasmpack {
namespace {

// Serving libraries may need each other (a C++ library and a libc). More rounds than this only
// arises from libraries that were cut into pieces at random.
constexpr int kMostRounds = 16;

// After so many libraries with problems the others need not be looked at.
constexpr int kMostBroken = 20;

struct Served {
  ServingLibrary library;
  std::vector<std::string> wanted = {};
  std::vector<Diagnostic> problems = {};  // of the last round: earlier ones lacked what others need
};

void report(const Manifest& manifest, uint32_t library, std::string_view id, std::string message,
            std::string help, DiagnosticSink& sink) {
  sink.report(fail(id, text_location(manifest.path, manifest.libraries[library].place),
                   std::move(message), std::move(help))
                  .value());
}

// False if the library has errors.
bool link_alone(const Manifest& manifest, const PackOptions& options, uint32_t index,
                LinkedLibrary& library, DiagnosticSink& sink) {
  DiagnosticSink problems;
  library = link_library(manifest, options, index, nullptr, problems);
  const bool is_sound = !problems.has_errors();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  return is_sound;
}

void link_serving(const Manifest& manifest, const PackOptions& options, std::vector<Served>& served,
                  std::vector<LinkedLibrary>& libraries, DiagnosticSink& sink) {
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
      libraries[index] = link_library(manifest, options, index, &each.wanted, problems);
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

}  // namespace

std::vector<LinkedLibrary> link_libraries(const Manifest& manifest, const PackOptions& options,
                                          DiagnosticSink& sink) {
  std::vector<LinkedLibrary> libraries(manifest.libraries.size());
  std::vector<Served> served;
  int broken = 0;
  for (uint32_t i = 0; i < libraries.size() && broken < kMostBroken; ++i) {
    if (std::optional<ServingLibrary> library = ServingLibrary::open(manifest, options, i))
      served.push_back({std::move(*library)});
    else
      broken += link_alone(manifest, options, i, libraries[i], sink) ? 0 : 1;
  }
  if (sink.has_errors()) return libraries;  // what the others need is not known
  link_serving(manifest, options, served, libraries, sink);
  return libraries;
}

}  // namespace wasmpack
