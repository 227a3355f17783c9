#include "inspect/facts/manifest_section.h"

#include <algorithm>
#include <utility>

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

void find_handles(std::vector<KernelFact>& kernels) {
  std::vector<KernelFact*> by_name;
  by_name.reserve(kernels.size());
  for (KernelFact& kernel : kernels) by_name.push_back(&kernel);
  std::ranges::sort(by_name, {},
                    [](const KernelFact* kernel) { return std::string_view(kernel->name); });
  const auto is_same = [](const KernelFact* a, const KernelFact* b) { return a->name == b->name; };
  if (std::ranges::adjacent_find(by_name, is_same) != by_name.end()) return;
  for (uint32_t handle = 0; handle < by_name.size(); ++handle) by_name[handle]->handle = handle;
}

void read_params(const llvm::json::Array& params, BundleFacts& bundle) {
  for (const llvm::json::Value& value : params) {
    const llvm::json::Object* object = value.getAsObject();
    if (object == nullptr) continue;
    ParamFact param{string_of(*object, "name"),
                    string_of(*object, "dtype"),
                    {},
                    {},
                    string_of(*object, "file")};
    if (const llvm::json::Array* shape = object->getArray("shape")) {
      for (const llvm::json::Value& extent : *shape)
        param.shape.push_back(extent.getAsInteger().value_or(0));
    }
    if (const auto bytes = object->getInteger("bytes"); bytes && *bytes >= 0)
      param.bytes = static_cast<uint64_t>(*bytes);
    bundle.params.push_back(std::move(param));
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
  find_handles(bundle.kernels);
  bundle.init = string_of(*root, "init");
  if (const llvm::json::Array* params = root->getArray("params")) read_params(*params, bundle);
  return bundle;
}

}  // namespace wasmpack
