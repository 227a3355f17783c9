#include "support/glob.h"

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>

namespace wasmpack {
namespace {

bool has_wildcard(std::string_view pattern) {
  return pattern.find_first_of("*?[\\") != std::string_view::npos;
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
    if (!has_wildcard(pattern)) {
      list.exact_.insert(pattern);
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
    if (!has_wildcard(pattern)) {
      found = present.contains(pattern);
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
