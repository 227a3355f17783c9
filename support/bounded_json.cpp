#include "support/bounded_json.h"

#include <algorithm>

#include <llvm/Support/Error.h>

namespace wasmpack {
namespace {

struct Extent {
  unsigned depth = 0;  // the deepest nesting of brackets
  size_t objects = 0;
  size_t values = 1;  // at most so many
};

// Brackets and commas inside strings do not count.
Extent measure(std::string_view text) {
  Extent extent;
  unsigned depth = 0;
  bool is_in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '[' || c == '{') {
      extent.depth = std::max(extent.depth, ++depth);
      ++extent.values;
      if (c == '{') ++extent.objects;
    } else if (c == ',') {
      ++extent.values;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return extent;
}

}  // namespace

tl::expected<llvm::json::Value, std::string> parse_bounded_json(std::string_view text) {
  const std::string too_large = "it is too large or too deeply nested";
  if (text.size() > kMaxJsonSize) return tl::make_unexpected(too_large);
  const Extent extent = measure(text);
  if (extent.depth > kMaxJsonDepth || extent.objects > kMaxJsonObjects ||
      extent.values > kMaxJsonValues)
    return tl::make_unexpected(too_large);
  llvm::Expected<llvm::json::Value> json =
      llvm::json::parse(llvm::StringRef(text.data(), text.size()));
  if (!json) return tl::make_unexpected("it is not JSON: " + llvm::toString(json.takeError()));
  return std::move(*json);
}

}  // namespace wasmpack
