#include "packager/bundle_manifest.h"

#include <algorithm>
#include <utility>

#include <llvm/Support/Error.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "support/version.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;

constexpr int kSectionSchema = 1;

// JSON is UTF-8; a symbol of an object need not be.
std::string utf8(std::string_view text) {
  return llvm::json::isUTF8(text) ? std::string(text) : escape_controls(text);
}

JsonArray strings(std::span<const std::string> texts) {
  JsonArray array;
  for (const std::string& text : texts) array.push_back(utf8(text));
  return array;
}

JsonObject describe_package(const PackageInfo& package) {
  JsonObject object{{"name", utf8(package.name)}, {"version", utf8(package.version)}};
  const std::pair<llvm::StringLiteral, const std::string*> texts[] = {
      {"description", &package.description},
      {"license", &package.license},
      {"source", &package.source},
      {"homepage", &package.homepage},
      {"revision", &package.revision}};
  for (const auto& [key, text] : texts) {
    if (!text->empty()) object[key] = utf8(*text);
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

// `order` is the place of the library's first constructor in the bundle's chain, from 0.
JsonObject describe_library(const PreparedLibrary& library, int64_t order) {
  JsonArray inputs, kernels, constructors;
  for (const std::string& hash : library.input_hashes)
    inputs.push_back(JsonObject{{"sha256", hash}});
  for (const Kernel& kernel : library.kernels) {
    kernels.push_back(JsonObject{
        {"name", utf8(kernel.name)}, {"symbol", utf8(kernel.symbol)}, {"type", kernel.type}});
  }
  for (const Constructor& constructor : library.constructors) {
    constructors.push_back(JsonObject{{"symbol", utf8(constructor.symbol)},
                                      {"priority", static_cast<int64_t>(constructor.priority)},
                                      {"order", order++}});
  }
  JsonObject object{{"name", utf8(library.name)},
                    {"prefix", utf8(library.prefix)},
                    {"abi", "c"},
                    {"inputs", std::move(inputs)},
                    {"kernels", std::move(kernels)},
                    {"constructors", std::move(constructors)},
                    {"features", strings(library.features)}};
  if (JsonArray records = read_link_records(library.link_records); !records.empty())
    object["link"] = std::move(records);
  return object;
}

}  // namespace

std::string make_bundle_manifest(const Manifest& manifest,
                                 std::span<const PreparedLibrary> libraries, const Object& module) {
  JsonArray described;
  int64_t order = 0;
  for (const PreparedLibrary& library : libraries) {
    described.push_back(describe_library(library, order));
    order += static_cast<int64_t>(library.constructors.size());
  }
  JsonObject memory;
  if (!module.memories.empty()) {
    const Limits& limits = module.memories.front();
    memory["initial_pages"] = static_cast<int64_t>(limits.minimum);
    if (limits.maximum) memory["maximum_pages"] = static_cast<int64_t>(*limits.maximum);
  }
  JsonObject root{{"schema", kSectionSchema},
                  {"tool", "wasmpack " + std::string(kVersion)},
                  {"package", describe_package(manifest.package)},
                  {"init", "initialize"},
                  {"libraries", std::move(described)},
                  {"memory", std::move(memory)},
                  {"stack_size", static_cast<int64_t>(manifest.bundle.stack_size)},
                  {"params", JsonArray()},
                  {"allow_imports", strings(manifest.bundle.allow_imports)}};
  // LLVM prints the keys of an object sorted, and without an indent no blanks.
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(root));
  return text;
}

}  // namespace wasmpack
