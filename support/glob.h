// Lists of name patterns, as the symbol edits and --remove-section take them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <llvm/Support/GlobPattern.h>

#include "support/diagnostic.h"

namespace wasmpack {

// Patterns are matched against the whole name: `*` any characters, `?` one character, `[a-z]` and
// `[!a-z]` one of a set, `\` takes the next character literally. A pattern without any of `*?[\`
// names one name exactly; a thousand of those cost no more than one.
//
// Const members may be called from several threads.
class PatternList {
 public:
  PatternList() = default;
  // Fails for an empty or malformed pattern; `option` ("--localize-symbol") goes into the message.
  static Result<PatternList> create(std::span<const std::string> patterns, std::string_view option);

  PatternList(PatternList&&) = default;
  PatternList& operator=(PatternList&&) = default;

  bool empty() const { return patterns_.empty(); }
  // Whether any pattern matches the whole of `name`.
  bool matches(std::string_view name) const { return names_exactly(name) || matches_glob(name); }
  // Whether `name` itself is one of the patterns, with no wildcard involved.
  bool names_exactly(std::string_view name) const {
    return !exact_.empty() && exact_.contains(name);
  }

  // The patterns that match none of `names`, in the order they were given, each once.
  std::vector<std::string> find_unmatched(std::span<const std::string_view> names) const;

 private:
  bool matches_glob(std::string_view name) const;

  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };

  // The globs point into these strings, which a move does not move; hence no copies.
  std::vector<std::string> patterns_;
  std::unordered_set<std::string, NameHash, std::equal_to<>> exact_;
  std::vector<llvm::GlobPattern> globs_;
};

// The pattern that matches exactly `name`.
std::string escape_pattern(std::string_view name);

}  // namespace wasmpack
