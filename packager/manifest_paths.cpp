#include "packager/manifest_paths.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <glob.h>

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

// What makes a path of a manifest a glob.
constexpr std::string_view kGlobLetters = "*?[";

// The manifest's folder with its slash, "" for the current one.
std::string folder_of(const Manifest& manifest) {
  const size_t slash = manifest.path.rfind('/');
  return slash == std::string::npos ? std::string() : manifest.path.substr(0, slash + 1);
}

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
// with a dot unless the pattern has it.
std::vector<std::string> expand_glob(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found = {};
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code ignored;
      if (!fs::is_directory(found.gl_pathv[i], ignored)) paths.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

std::string escape_manifest_path(const std::string& path) {
  return path.find_first_of(kGlobLetters) == std::string::npos ? path : escape_glob(path);
}

std::vector<std::string> expand_manifest_path(const Manifest& manifest, const PlacedString& path,
                                              DiagnosticSink& sink) {
  const bool is_absolute = path.text.starts_with('/');
  const std::string folder = is_absolute ? std::string() : folder_of(manifest);
  if (path.text.find_first_of(kGlobLetters) == std::string::npos) return {folder + path.text};
  // Each `*/..` would multiply the folders that are looked at, to no end.
  const size_t first = path.text.find_first_of(kGlobLetters);
  if (path.text.find("/..", first) != std::string::npos) {
    sink.report(fail("no-input", text_location(manifest.path, path.place),
                     "`" + path.text + "` goes up behind a pattern",
                     "write the folders above the first `*` or `?`")
                    .value());
    return {};
  }
  std::vector<std::string> paths = expand_glob(escape_glob(folder) + path.text);
  if (paths.empty()) {
    sink.report(fail("no-input", text_location(manifest.path, path.place),
                     "`" + path.text + "` matches no file")
                    .value());
  }
  return paths;
}

bool check_inside(const Manifest& manifest, const PlacedString& path, const std::string& file,
                  DiagnosticSink& sink) {
  std::error_code failure;
  const std::string folder = folder_of(manifest);
  const fs::path root = fs::canonical(folder.empty() ? "." : folder, failure);
  if (failure) return true;
  const fs::path real = fs::weakly_canonical(fs::absolute(file), failure);
  if (failure) return true;
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  if (end == root.end()) return true;
  Diagnostic problem = fail("path-outside", text_location(manifest.path, path.place),
                            "`" + path.text + "` lies outside of the manifest's folder",
                            "move the manifest up, or allow it with --allow-outside")
                           .value();
  if (real != fs::absolute(file).lexically_normal())
    problem.notes.push_back("it is " + real.string() + " once links are followed");
  sink.report(std::move(problem));
  return false;
}

}  // namespace wasmpack
