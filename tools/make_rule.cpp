#include "tools/make_rule.h"

#include <algorithm>
#include <string_view>

namespace wasmpack {
namespace {

// The escapes of make: space, '#', ':' and '$'.
std::string escape_for_make(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == ' ' || c == '#' || c == '\\') out += '\\';
    if (c == '$') out += '$';
    out += c;
  }
  return out;
}

}  // namespace

std::string make_rule(const std::string& output, const std::vector<std::string>& files) {
  std::vector<std::string> paths;
  for (const std::string& file : files)
    if (file != "<stdin>") paths.push_back(escape_for_make(file));
  std::string out = escape_for_make(output) + ":";
  for (const std::string& path : paths) out += " \\\n  " + path;
  out += '\n';
  std::ranges::sort(paths);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  for (const std::string& path : paths) out += "\n" + path + ":\n";
  return out;
}

}  // namespace wasmpack
