#include "packager/inputs.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <glob.h>

namespace wasmpack {
namespace {

// `text` with glob(3)'s special characters taken literally.
std::string escape_glob(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// The files that match, in byte order whatever the locale says. glob(3) leaves out names that begin
// with a dot unless the pattern has it, and folders are none of a library's inputs.
std::vector<std::string> expand_glob(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found = {};
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code ignored;
      if (!std::filesystem::is_directory(found.gl_pathv[i], ignored))
        paths.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

std::vector<LinkInput> open_library_inputs(const Manifest& manifest, const LibraryRequest& library,
                                           DiagnosticSink& sink) {
  const size_t slash = manifest.path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? std::string() : manifest.path.substr(0, slash + 1);
  std::vector<LinkInput> inputs;
  std::set<std::string> seen;
  const auto open = [&](const std::string& path, ManifestPlace place) {
    if (!seen.insert(std::filesystem::path(path).lexically_normal().string()).second) return;
    Result<InputFile> file = InputFile::open(path);
    if (!file) {
      Diagnostic problem = std::move(file.error());
      problem.notes.push_back("input of library `" + library.name.text + "` at " +
                              describe(manifest_location(manifest.path, place)));
      sink.report(std::move(problem));
      return;
    }
    inputs.push_back({std::move(*file), library.whole_archives});
  };
  for (const PlacedString& input : library.inputs) {
    const bool is_absolute = input.text.starts_with('/');
    if (input.text.find_first_of("*?[") == std::string::npos) {
      open((is_absolute ? "" : folder) + input.text, input.place);
      continue;
    }
    const std::vector<std::string> paths =
        expand_glob((is_absolute ? "" : escape_glob(folder)) + input.text);
    if (paths.empty()) {
      sink.report(fail("no-input", manifest_location(manifest.path, input.place),
                       "`" + input.text + "` matches no file")
                      .value());
    }
    for (const std::string& path : paths) open(path, input.place);
  }
  return inputs;
}

}  // namespace wasmpack
