#include "inspect/facts/manifest_section.h"

#include "support/bounded_json.h"

namespace wasmpack {
namespace {

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

void read_constructors(const llvm::json::Object& library, BundleFacts& bundle) {
  const llvm::json::Array* constructors = library.getArray("constructors");
  if (constructors == nullptr) return;
  for (const llvm::json::Value& value : *constructors) {
    const llvm::json::Object* constructor = value.getAsObject();
    if (constructor == nullptr) continue;
    const int64_t order = constructor->getInteger("order").value_or(-1);
    if (order < 0 || order > UINT32_MAX) continue;
    bundle.constructors.push_back({string_of(*constructor, "symbol"), string_of(library, "name"),
                                   static_cast<uint32_t>(order)});
  }
}

}  // namespace

BundleFacts read_manifest_section(Bytes content) {
  BundleFacts bundle;
  const tl::expected<llvm::json::Value, std::string> json = parse_bounded_json(as_string(content));
  if (!json) {
    bundle.problem = json.error();
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
      if (const llvm::json::Object* library = value.getAsObject()) {
        read_kernels(*library, bundle);
        read_constructors(*library, bundle);
      }
  }
  return bundle;
}

}  // namespace wasmpack
