#include "packager/bundle_manifest.h"

#include <algorithm>
#include <utility>

#include <llvm/Support/Error.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "support/json_text.h"
#include "support/version.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;

constexpr int kSectionSchema = 1;

JsonArray strings(std::span<const std::string> texts) {
  JsonArray array;
  for (const std::string& text : texts) array.push_back(as_json_text(text));
  return array;
}

JsonObject describe_package(const PackageInfo& package) {
  JsonObject object{{"name", as_json_text(package.name)},
                    {"version", as_json_text(package.version)}};
  const std::pair<llvm::StringLiteral, const std::string*> texts[] = {
      {"description", &package.description},
      {"license", &package.license},
      {"source", &package.source},
      {"homepage", &package.homepage},
      {"revision", &package.revision}};
  for (const auto& [key, text] : texts) {
    if (!text->empty()) object[key] = as_json_text(*text);
  }
  if (!package.authors.empty()) object["authors"] = strings(package.authors);
  return object;
}

// Records are small and flat; what is not, nobody of ours wrote. LLVM's parser recurses.
JsonArray read_link_records(std::span<const std::string> lines) {
  constexpr size_t kLongest = 1 << 16;
  constexpr ptrdiff_t kMostBrackets = 64;
  JsonArray records;
  for (const std::string& line : lines) {
    const auto is_bracket = [](char c) { return c == '[' || c == '{'; };
    if (line.size() > kLongest || std::ranges::count_if(line, is_bracket) > kMostBrackets) continue;
    llvm::Expected<llvm::json::Value> record = llvm::json::parse(line);
    if (record)
      records.push_back(std::move(*record));
    else
      llvm::consumeError(record.takeError());
  }
  return records;
}

JsonArray describe_tensors(std::span<const TensorArgument> tensors) {
  JsonArray array;
  for (const TensorArgument& tensor : tensors) {
    JsonObject object{{"name", as_json_text(tensor.name)},
                      {"dtype", std::string(tensor.type->name)},
                      {"shape", JsonArray(tensor.shape)}};
    if (!tensor.layout.empty()) object["layout"] = as_json_text(tensor.layout);
    array.push_back(std::move(object));
  }
  return array;
}

JsonObject describe_kernel(const Kernel& kernel) {
  JsonObject object{{"name", as_json_text(kernel.name)},
                    {"symbol", as_json_text(kernel.symbol)},
                    {"type", kernel.type},
                    {"abi", static_cast<int64_t>(kernel.abi)}};
  if (const KernelRequest* request = kernel.request; request != nullptr) {
    if (!request->doc.empty()) object["doc"] = as_json_text(request->doc);
    if (!request->args.empty()) object["args"] = describe_tensors(request->args);
    if (!request->results.empty()) object["results"] = describe_tensors(request->results);
  }
  return object;
}

// One word for the whole library: what most of its kernels are called as is up to each of them.
std::string_view abi_name(const LinkedLibrary& library) {
  if (library.tvm) return "tvm";
  for (const Kernel& kernel : library.kernels) {
    if (kernel.abi == KernelAbi::iree) return "iree";
    if (kernel.abi == KernelAbi::halide) return "halide";
  }
  return "c";
}

// What the objects say: "clang 22.1.8, rustc 1.63.0".
std::string list_producers(const Object& object) {
  std::string text;
  for (const ProducerField& field : object.producers) {
    if (field.name != "processed-by") continue;
    for (const ProducerValue& value : field.values) {
      if (!text.empty()) text += ", ";
      text +=
          std::string(value.name) + (value.version.empty() ? "" : " ") + std::string(value.version);
    }
  }
  return text;
}

JsonObject describe_library(const LinkedLibrary& library, std::span<const uint32_t> orders) {
  const LibraryRequest& request = *library.request;
  JsonArray inputs, kernels, constructors;
  for (const std::string& hash : library.input_hashes)
    inputs.push_back(JsonObject{{"sha256", hash}});
  for (const Kernel& kernel : library.kernels) kernels.push_back(describe_kernel(kernel));
  for (size_t i = 0; i < library.constructors.size(); ++i) {
    const Constructor& constructor = library.constructors[i];
    constructors.push_back(JsonObject{{"symbol", as_json_text(constructor.symbol)},
                                      {"priority", static_cast<int64_t>(constructor.priority)},
                                      {"order", static_cast<int64_t>(orders[i])}});
  }
  JsonObject object{
      {"name", as_json_text(library.name())},  {"prefix", as_json_text(request.prefix)},
      {"abi", std::string(abi_name(library))}, {"inputs", std::move(inputs)},
      {"kernels", std::move(kernels)},         {"constructors", std::move(constructors)},
      {"features", strings(library.features)}};
  if (library.tvm && !library.tvm->generation.empty())
    object["generation"] = std::string(library.tvm->generation);
  const std::string producer =
      request.producer.empty() ? list_producers(library.object) : request.producer;
  if (!producer.empty()) object["producer"] = as_json_text(producer);
  if (!request.license.empty()) object["license"] = as_json_text(request.license);
  if (JsonArray records = read_link_records(library.link_records); !records.empty())
    object["link"] = std::move(records);
  return object;
}

JsonObject describe_memory(const Object& module) {
  JsonObject memory;
  const std::vector<uint32_t>& imported = module.imported[static_cast<size_t>(ExternKind::memory)];
  if (!imported.empty()) memory["imported"] = true;
  if (imported.empty() && module.memories.empty()) return memory;
  const Limits& limits =
      imported.empty() ? module.memories.front() : module.imports[imported.front()].memory;
  memory["initial_pages"] = static_cast<int64_t>(limits.minimum);
  if (limits.maximum) memory["maximum_pages"] = static_cast<int64_t>(*limits.maximum);
  return memory;
}

JsonObject describe_param(const Param& param) {
  JsonArray shape;
  for (const uint64_t size : param.request->shape) shape.push_back(static_cast<int64_t>(size));
  JsonObject object{{"name", as_json_text(param.request->name.text)},
                    {"dtype", std::string(param.request->type->name)},
                    {"shape", std::move(shape)},
                    {"bytes", static_cast<int64_t>(param.content.size())},
                    {"sha256", param.hash},
                    {"embed", param.request->is_embedded ? "data" : "external"}};
  if (!param.external_name.empty()) object["file"] = param.external_name;
  return object;
}

}  // namespace

std::string make_bundle_manifest(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                                 const CtorPlan& ctors, std::span<const Param> params,
                                 const Object& module) {
  JsonArray described, described_params;
  for (const LinkedLibrary& library : libraries)
    described.push_back(describe_library(library, ctors.orders[library.index]));
  for (const Param& param : params) described_params.push_back(describe_param(param));
  JsonObject root{{"schema", kSectionSchema},
                  {"tool", "wasmpack " + std::string(kVersion)},
                  {"package", describe_package(manifest.package)},
                  {"init", std::string(init_mode_name(manifest.bundle.init))},
                  {"libraries", std::move(described)},
                  {"memory", describe_memory(module)},
                  {"stack_size", static_cast<int64_t>(manifest.bundle.stack_size)},
                  {"params", std::move(described_params)},
                  {"allow_imports", strings(manifest.bundle.allow_imports)}};
  if (manifest.bundle.has_wapc) root["adapters"] = JsonArray{"wapc"};
  if (!manifest.metadata.empty()) {
    JsonObject metadata;
    for (const auto& [key, value] : manifest.metadata)
      metadata[as_json_text(key)] = as_json_text(value);
    root["metadata"] = std::move(metadata);
  }
  // LLVM prints the keys of an object sorted, and without an indent no blanks.
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(root));
  return text;
}

}  // namespace wasmpack
