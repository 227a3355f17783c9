#include "tools/run_calls.h"

#include <algorithm>
#include <utility>

#include <llvm/Support/JSON.h>

#include "object/file_kind.h"
#include "object/read.h"
#include "packager/snapshot_run.h"
#include "support/bounded_json.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

Result<Object> read_bundle(const InputFile& file) {
  const Bytes bytes = file.bytes();
  const FileKind kind = identify_file(bytes);
  const Location where{.file = file.path()};
  if (kind == FileKind::truncated || kind == FileKind::old_wasm_version || kind == FileKind::empty)
    return tl::make_unexpected(describe_wrong_input(kind, where, bytes));
  if (kind != FileKind::module) {
    return fail("wrong-input", where,
                "it is " + std::string(file_kind_name(kind)) + ", not a bundle",
                "`wasmpack pack` makes bundles");
  }
  return read_object(bytes, file.path());
}

Result<const BoundKernel*> find_kernel(const BundleDescription& bundle,
                                       const CallRequest& request) {
  const auto found = std::ranges::find(bundle.kernels, request.kernel, &BoundKernel::name);
  if (found != bundle.kernels.end()) return &*found;
  std::vector<std::string_view> names;
  for (const BoundKernel& kernel : bundle.kernels) names.push_back(kernel.name);
  std::string help = suggest_sentence(request.kernel, names);
  if (help.empty()) help = "`wasmpack run " + request.module + " --list` shows what there is";
  return fail("unknown-kernel", {.file = request.module},
              "it has no kernel '" + request.kernel + "'", std::move(help));
}

}  // namespace

struct CallMaker::LoadedBundle {
  InputFile file;
  Object object;
  BundleDescription description;
};

CallMaker::CallMaker() = default;
CallMaker::~CallMaker() = default;

Result<const CallMaker::LoadedBundle*> CallMaker::load(const std::string& module) {
  if (const auto found = bundles_.find(module); found != bundles_.end()) return found->second.get();
  Result<InputFile> file = InputFile::open(module);
  if (!file) return tl::make_unexpected(std::move(file.error()));
  Result<Object> object = read_bundle(*file);
  if (!object) return tl::make_unexpected(std::move(object.error()));
  Result<BundleDescription> description = describe_bundle(*object);
  if (!description) return tl::make_unexpected(std::move(description.error()));
  auto bundle = std::make_unique<LoadedBundle>(
      LoadedBundle{std::move(*file), std::move(*object), std::move(*description)});
  return (bundles_[module] = std::move(bundle)).get();
}

Result<const BundleDescription*> CallMaker::describe(const std::string& module) {
  const Result<const LoadedBundle*> bundle = load(module);
  if (!bundle) return tl::make_unexpected(bundle.error());
  return &(*bundle)->description;
}

Result<EngineCall> CallMaker::make_call(const CallRequest& request) {
  const Result<const LoadedBundle*> bundle = load(request.module);
  if (!bundle) return tl::make_unexpected(bundle.error());
  const Result<const BoundKernel*> kernel = find_kernel((*bundle)->description, request);
  if (!kernel) return tl::make_unexpected(kernel.error());
  auto arguments = std::make_unique<std::vector<CallArgument>>();
  for (const std::string& text : request.arguments) {
    Result<CallArgument> argument = read_argument(text);
    if (!argument) return tl::make_unexpected(std::move(argument.error()));
    arguments->push_back(std::move(*argument));
  }
  Result<CallPlan> plan = plan_call((*bundle)->description, **kernel, *arguments);
  if (!plan) return tl::make_unexpected(std::move(plan.error()));
  arguments_.push_back(std::move(arguments));
  return EngineCall{.module = (*bundle)->file.bytes(), .plan = std::move(*plan)};
}

std::vector<std::string> CallMaker::list_files() const {
  std::vector<std::string> files;
  for (const auto& [path, bundle] : bundles_) files.push_back(path);
  for (const auto& arguments : arguments_)
    for (const CallArgument& argument : *arguments)
      if (argument.file) files.push_back(argument.file->path());
  return files;
}

std::string CallMaker::label_function(const std::string& module, uint32_t function) const {
  const auto found = bundles_.find(module);
  return found == bundles_.end() ? "function " + std::to_string(function)
                                 : function_label(found->second->object, function);
}

Result<CallRequest> parse_call_line(std::string_view line) {
  const tl::expected<llvm::json::Value, std::string> json = parse_bounded_json(line);
  if (!json) return fail("bad-call", {}, json.error());
  const auto refuse = [] {
    return fail("bad-call", {}, "it is no array of texts",
                R"(write ["kernels.wasm","add","1","2"])");
  };
  const llvm::json::Array* array = json->getAsArray();
  if (array == nullptr || array->size() < 2) return refuse();
  std::vector<std::string> words;
  for (const llvm::json::Value& value : *array) {
    const std::optional<llvm::StringRef> text = value.getAsString();
    if (!text) return refuse();
    if (text->contains('\0'))
      return fail("bad-call", {}, "a text has a NUL, which no path and no name of a kernel has");
    words.push_back(text->str());
  }
  CallRequest request{
      .module = std::move(words[0]), .kernel = std::move(words[1]), .arguments = {}};
  request.arguments.assign(std::make_move_iterator(words.begin() + 2),
                           std::make_move_iterator(words.end()));
  return request;
}

}  // namespace wasmpack
