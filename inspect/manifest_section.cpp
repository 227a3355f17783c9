#include "inspect/manifest_section.h"

#include <algorithm>

#include <llvm/Support/Error.h>
#include <llvm/Support/JSON.h>

namespace wasmpack {
namespace {

// The manifest of a bundle with 10,000 kernels takes about 2 MB. LLVM's parser recurses, so the
// depth is bounded before it gets to see the text; `pack` nests 6 deep.
constexpr size_t kMaxManifestSize = 64 << 20;
constexpr unsigned kMaxManifestDepth = 64;

// The deepest nesting of brackets that are not inside strings.
unsigned measure_depth(std::string_view text) {
  unsigned depth = 0;
  unsigned deepest = 0;
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
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::string string_of(const llvm::json::Object& object, llvm::StringRef key) {
  const std::optional<llvm::StringRef> text = object.getString(key);
  return text ? text->str() : std::string();
}

void read_kernels(const llvm::json::Object& library, BundleFacts& bundle) {
  const llvm::json::Array* kernels = library.getArray("kernels");
  if (kernels == nullptr) return;
  for (const llvm::json::Value& value : *kernels) {
    const llvm::json::Object* kernel = value.getAsObject();
    if (kernel == nullptr) continue;
    bundle.kernels.push_back({string_of(*kernel, "name"), string_of(*kernel, "symbol"),
                              string_of(*kernel, "type"), string_of(library, "name")});
  }
}

}  // namespace

BundleFacts read_manifest_section(Bytes content) {
  BundleFacts bundle;
  const std::string_view text = as_string(content);
  if (text.size() > kMaxManifestSize || measure_depth(text) > kMaxManifestDepth) {
    bundle.problem = "it is too large or too deeply nested to be one of pack's";
    return bundle;
  }
  llvm::Expected<llvm::json::Value> json =
      llvm::json::parse(llvm::StringRef(text.data(), text.size()));
  if (!json) {
    bundle.problem = "it is not JSON: " + llvm::toString(json.takeError());
    return bundle;
  }
  const llvm::json::Object* root = json->getAsObject();
  if (root == nullptr) {
    bundle.problem = "it is not a JSON object";
    return bundle;
  }
  if (const llvm::json::Object* package = root->getObject("package")) {
    bundle.name = string_of(*package, "name");
    bundle.version = string_of(*package, "version");
  }
  if (const llvm::json::Array* libraries = root->getArray("libraries")) {
    for (const llvm::json::Value& value : *libraries)
      if (const llvm::json::Object* library = value.getAsObject()) read_kernels(*library, bundle);
  }
  return bundle;
}

}  // namespace wasmpack
