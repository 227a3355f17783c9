#include "support/glob.h"

#include <optional>
#include <utility>

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>

namespace wasmpack {
namespace {

// The name that `pattern` matches, if it is only one: `\` takes the next character literally.
std::optional<std::string> find_only_name(std::string_view pattern) {
  std::string name;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[') return std::nullopt;
    if (pattern[i] == '\\' && ++i == pattern.size()) return std::nullopt;
    name += pattern[i];
  }
  return name;
}

llvm::StringRef to_ref(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<PatternList> PatternList::create(std::span<const std::string> patterns,
                                        std::string_view option) {
  PatternList list;
  list.patterns_.assign(patterns.begin(), patterns.end());
  for (const std::string& pattern : list.patterns_) {
    if (pattern.empty())
      return fail("bad-pattern", {}, std::string(option) + ": an empty name matches nothing");
    if (std::optional<std::string> name = find_only_name(pattern)) {
      list.exact_.insert(std::move(*name));
      continue;
    }
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(to_ref(pattern));
    if (!glob)
      return fail("bad-pattern", {},
                  std::string(option) + ": '" + pattern +
                      "' is no valid pattern: " + llvm::toString(glob.takeError()),
                  "put `\\` before a character that is meant literally");
    list.globs_.push_back(std::move(*glob));
  }
  return list;
}

bool PatternList::matches_glob(std::string_view name) const {
  for (const llvm::GlobPattern& glob : globs_)
    if (glob.match(to_ref(name))) return true;
  return false;
}

std::vector<std::string> PatternList::find_unmatched(
    std::span<const std::string_view> names) const {
  std::unordered_set<std::string_view> present;
  if (!exact_.empty())
    for (const std::string_view name : names)
      if (exact_.contains(name)) present.insert(name);

  std::vector<std::string> unmatched;
  std::unordered_set<std::string_view> seen;
  size_t glob = 0;
  for (const std::string& pattern : patterns_) {
    bool found = false;
    if (const std::optional<std::string> name = find_only_name(pattern)) {
      found = present.contains(*name);
    } else {
      // globs_ holds the patterns with a wildcard, in the same order.
      const llvm::GlobPattern& matcher = globs_[glob++];
      for (size_t i = 0; i < names.size() && !found; ++i) found = matcher.match(to_ref(names[i]));
    }
    if (!found && seen.insert(pattern).second) unmatched.push_back(pattern);
  }
  return unmatched;
}

std::string escape_pattern(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace wasmpack
