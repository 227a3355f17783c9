#include "bindgen/description.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include <llvm/Support/JSON.h>

#include "packager/bundle_manifest.h"
#include "packager/signature.h"
#include "support/bounded_json.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;
using JsonValue = llvm::json::Value;

constexpr int64_t kSchema = 1;
constexpr size_t kMaxValues = 1000;  // of a function type: the limit of JavaScript engines
constexpr size_t kMaxRank = 64;
constexpr int64_t kMaxDimension = int64_t{1} << 53;  // what a JavaScript number holds exactly
constexpr uint32_t kMaxAbi = 6;

constexpr std::array<std::string_view, 13> kDtypes = {
    "float16", "float32", "float64", "bfloat16", "int8",   "int16", "int32",
    "int64",   "uint8",   "uint16",  "uint32",   "uint64", "bool"};

constexpr std::pair<std::string_view, ExternKind> kContract[] = {
    {"memory", ExternKind::memory},           {"__indirect_function_table", ExternKind::table},
    {"_initialize", ExternKind::function},    {"wasmpack_query", ExternKind::function},
    {"wasmpack_find", ExternKind::function},  {"wasmpack_entry", ExternKind::function},
    {"wasmpack_alloc", ExternKind::function}, {"wasmpack_free", ExternKind::function},
    {"wasmpack_error", ExternKind::function},
};

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

// Reads the JSON. The first problem is kept, with the path of its value, and ends the reading.
class SectionReader {
 public:
  explicit SectionReader(BundleDescription& out) : out_(out) {}

  // Empty if all is well, else what is wrong.
  std::string read(const JsonObject& root) {
    if (integer_of(root, "schema", "schema", 0) != kSchema) {
      fail_at("schema", "is not 1, the only one this version knows");
      return problem_;
    }
    if (const JsonObject* package = object_of(root, "package")) {
      out_.package = text_of(*package, "name", "package", true);
      out_.version = text_of(*package, "version", "package", false);
    }
    out_.init = text_of(root, "init", "", false);
    for_each(root, "libraries", "", [&](const JsonObject& library, const std::string& path) {
      read_library(library, path);
    });
    for_each(root, "params", "",
             [&](const JsonObject& param, const std::string& path) { read_param(param, path); });
    return problem_;
  }

 private:
  void fail_at(const std::string& path, std::string_view what) {
    if (problem_.empty()) problem_ = path + " " + std::string(what);
  }

  const JsonObject* object_of(const JsonObject& object, llvm::StringRef key) {
    const JsonObject* found = object.getObject(key);
    if (found == nullptr) fail_at(key.str(), "is missing or no object");
    return found;
  }

  std::string text_of(const JsonObject& object, llvm::StringRef key, const std::string& path,
                      bool is_required) {
    const JsonValue* value = object.get(key);
    if (value == nullptr && !is_required) return {};
    const std::optional<llvm::StringRef> text =
        value == nullptr ? std::nullopt : value->getAsString();
    if (!text) fail_at(path.empty() ? key.str() : path + "." + key.str(), "is missing or no text");
    return text ? text->str() : std::string();
  }

  int64_t integer_of(const JsonObject& object, llvm::StringRef key, const std::string& path,
                     int64_t otherwise) {
    const JsonValue* value = object.get(key);
    if (value == nullptr) return otherwise;
    const std::optional<int64_t> number = value->getAsInteger();
    if (!number || *number < 0) fail_at(path, "is no number");
    return number.value_or(otherwise);
  }

  // Calls `read(element, path)` for each element of the array under `key`, if there is one.
  template <class Read>
  void for_each(const JsonObject& object, llvm::StringRef key, const std::string& path, Read read) {
    const JsonValue* value = object.get(key);
    if (value == nullptr) return;
    const std::string array_path = path.empty() ? key.str() : path + "." + key.str();
    const JsonArray* array = value->getAsArray();
    if (array == nullptr) return fail_at(array_path, "is no array");
    for (size_t i = 0; i < array->size() && problem_.empty(); ++i) {
      const std::string element_path = array_path + "[" + std::to_string(i) + "]";
      if (const JsonObject* element = (*array)[i].getAsObject())
        read(*element, element_path);
      else
        fail_at(element_path, "is no object");
    }
  }

  void read_library(const JsonObject& library, const std::string& path) {
    const auto index = static_cast<uint32_t>(out_.libraries.size());
    out_.libraries.push_back(text_of(library, "name", path, true));
    for_each(library, "kernels", path, [&](const JsonObject& kernel, const std::string& at) {
      read_kernel(kernel, at, index);
    });
  }

  void read_kernel(const JsonObject& object, const std::string& path, uint32_t library) {
    BoundKernel kernel;
    kernel.name = text_of(object, "name", path, true);
    kernel.doc = text_of(object, "doc", path, false);
    kernel.library = library;
    const int64_t abi = integer_of(object, "abi", path + ".abi", 0);
    if (abi > kMaxAbi) fail_at(path + ".abi", "is not one that this version knows");
    kernel.abi = static_cast<uint32_t>(abi);
    const std::optional<std::string> signature =
        parse_type_text(text_of(object, "type", path, true));
    if (!signature || signature->size() > kMaxValues)
      fail_at(path + ".type", "is no function type");
    else
      kernel.signature = *signature;
    kernel.args = read_tensors(object, "args", path);
    kernel.results = read_tensors(object, "results", path);
    out_.kernels.push_back(std::move(kernel));
  }

  std::vector<BoundTensor> read_tensors(const JsonObject& object, llvm::StringRef key,
                                        const std::string& path) {
    std::vector<BoundTensor> tensors;
    for_each(object, key, path, [&](const JsonObject& tensor, const std::string& at) {
      tensors.push_back(read_tensor(tensor, at));
    });
    return tensors;
  }

  BoundTensor read_tensor(const JsonObject& object, const std::string& path) {
    BoundTensor tensor;
    tensor.name = text_of(object, "name", path, false);
    tensor.layout = text_of(object, "layout", path, false);
    tensor.dtype = text_of(object, "dtype", path, true);
    if (std::ranges::find(kDtypes, tensor.dtype) == kDtypes.end())
      fail_at(path + ".dtype", "is not one that this version knows");
    const JsonArray* shape = object.getArray("shape");
    if (shape == nullptr || shape->size() > kMaxRank) {
      fail_at(path + ".shape", "is missing or no shape");
      return tensor;
    }
    for (const JsonValue& value : *shape) {
      const std::optional<int64_t> dimension = value.getAsInteger();
      if (!dimension || *dimension < -1 || *dimension > kMaxDimension)
        fail_at(path + ".shape", "is no shape");
      tensor.shape.push_back(dimension.value_or(-1));
    }
    return tensor;
  }

  void read_param(const JsonObject& object, const std::string& path) {
    BoundParam param;
    param.tensor = read_tensor(object, path);
    if (object.get("name") == nullptr) fail_at(path + ".name", "is missing");
    param.bytes = static_cast<uint64_t>(integer_of(object, "bytes", path + ".bytes", 0));
    param.is_external = text_of(object, "embed", path, false) == "external";
    param.file = text_of(object, "file", path, false);
    out_.params.push_back(std::move(param));
  }

  BundleDescription& out_;
  std::string problem_;
};

// The letters of a function of the module; nothing if its type has no letters.
std::optional<std::string> letters_of(const Object& module, uint32_t function) {
  return signature_letters(module.types[module.function_type(function)]);
}

Result<void> check_contract(const Object& module,
                            const std::map<std::string_view, const Export*>& exports,
                            const Location& where) {
  for (const auto& [name, kind] : kContract) {
    const auto found = exports.find(name);
    if (found == exports.end() || found->second->kind != kind) {
      return fail("not-a-bundle", where,
                  "it has a manifest section, but no export " + quoted(name) + " (" +
                      std::string(extern_kind_name(kind)) + ")",
                  "it was changed after `wasmpack pack` made it; make the binding from the module "
                  "as packed");
    }
  }
  if (module.is64()) return fail("not-a-bundle", where, "its memory has 64-bit addresses");
  return {};
}

// Notes which kernels are exported, and that their types are what the section says.
Result<void> match_exports(const Object& module,
                           const std::map<std::string_view, const Export*>& exports,
                           const Location& where, std::vector<BoundKernel>& kernels) {
  for (BoundKernel& kernel : kernels) {
    const auto found = exports.find(kernel.name);
    if (found == exports.end()) continue;
    if (found->second->kind != ExternKind::function ||
        letters_of(module, found->second->index) != kernel.signature) {
      return fail("not-a-bundle", where,
                  "kernel " + quoted(kernel.name) +
                      " has another type in the manifest section than as an export",
                  "it was changed after `wasmpack pack` made it; make the binding from the module "
                  "as packed");
    }
    kernel.is_exported = true;
  }
  return {};
}

// Both lists are looked up by name at run time, so a name twice would hide one of them.
template <class Item, class Name>
Result<void> sort_by_name(std::vector<Item>& items, Name name, std::string_view what,
                          const Location& where) {
  std::ranges::sort(items, {}, name);
  const auto twice = std::ranges::adjacent_find(items, {}, name);
  if (twice == items.end()) return {};
  return fail(
      "bad-manifest-section", where,
      "the manifest section has the " + std::string(what) + " " + quoted(name(*twice)) + " twice");
}

Result<std::vector<BoundImport>> list_imports(const Object& module, const Location& where) {
  std::map<std::pair<std::string, std::string>, BoundImport> imports;
  for (const Import& import : module.imports) {
    BoundImport bound{.module = std::string(import.module), .field = std::string(import.field)};
    const std::string name = quoted(bound.module + "." + bound.field);
    if (!llvm::json::isUTF8(bound.module) || !llvm::json::isUTF8(bound.field))
      return fail("not-a-bundle", where, "import " + name + " is no UTF-8");
    if (import.kind == ExternKind::memory) {
      bound.is_memory = true;
      bound.minimum = import.memory.minimum;
      bound.maximum = import.memory.maximum;
    } else {
      std::optional<std::string> letters;
      if (import.kind == ExternKind::function)
        letters = signature_letters(module.types[import.type_index]);
      if (!letters || letters->size() > kMaxValues) {
        return fail("unsupported-import", where,
                    "import " + name +
                        " is not a function of numbers and references, nor the "
                        "memory: no binding can offer it");
      }
      bound.signature = *letters;
    }
    std::pair<std::string, std::string> key(bound.module, bound.field);
    const auto [at, is_new] = imports.try_emplace(std::move(key), bound);
    if (!is_new &&
        (at->second.is_memory != bound.is_memory || at->second.signature != bound.signature)) {
      return fail("unsupported-import", where, "import " + name + " is there with two types");
    }
  }
  std::vector<BoundImport> sorted;
  for (auto& [key, import] : imports) sorted.push_back(std::move(import));
  return sorted;
}

}  // namespace

Result<BundleDescription> describe_bundle(const Object& module) {
  const Location where{.file = std::string(module.file), .member = std::string(module.member)};
  const int section = module.find_custom_section(kManifestSection);
  if (section < 0) {
    return fail(
        "not-a-bundle", where,
        "it has no " + std::string(kManifestSection) + " section, which says what a bundle offers",
        "`wasmpack pack` makes modules that have one; tools that strip custom sections "
        "must leave it");
  }
  const Bytes content = module.sections[static_cast<size_t>(section)].content;
  const tl::expected<llvm::json::Value, std::string> json = parse_bounded_json(as_string(content));
  if (!json)
    return fail("bad-manifest-section", where, "its manifest section is unusable: " + json.error());
  const JsonObject* root = json->getAsObject();
  if (root == nullptr)
    return fail("bad-manifest-section", where, "its manifest section is no JSON object");

  BundleDescription bundle;
  if (const std::string problem = SectionReader(bundle).read(*root); !problem.empty())
    return fail("bad-manifest-section", where, "its manifest section is unusable: " + problem);
  std::map<std::string_view, const Export*> exports;
  for (const Export& item : module.exports) exports.try_emplace(item.name, &item);
  if (Result<void> done = check_contract(module, exports, where); !done)
    return tl::make_unexpected(done.error());
  if (Result<void> done = match_exports(module, exports, where, bundle.kernels); !done)
    return tl::make_unexpected(done.error());
  const auto kernel_name = [](const BoundKernel& kernel) -> std::string_view {
    return kernel.name;
  };
  if (Result<void> done = sort_by_name(bundle.kernels, kernel_name, "kernel", where); !done)
    return tl::make_unexpected(done.error());
  const auto param_name = [](const BoundParam& param) -> std::string_view {
    return param.tensor.name;
  };
  if (Result<void> done = sort_by_name(bundle.params, param_name, "param", where); !done)
    return tl::make_unexpected(done.error());
  Result<std::vector<BoundImport>> imports = list_imports(module, where);
  if (!imports) return tl::make_unexpected(imports.error());
  bundle.imports = std::move(*imports);
  return bundle;
}

}  // namespace wasmpack
