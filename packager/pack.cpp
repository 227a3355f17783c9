#include "packager/pack.h"

#include <algorithm>
#include <deque>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "object/archive.h"
#include "object/read.h"
#include "packager/bundle_manifest.h"
#include "packager/bundle_plan.h"
#include "packager/bundle_symbols.h"
#include "packager/check_module.h"
#include "packager/feature_policy.h"
#include "packager/final_link.h"
#include "packager/finished_module.h"
#include "packager/lazy_wrappers.h"
#include "packager/libraries.h"
#include "packager/library.h"
#include "packager/optimize.h"
#include "packager/params.h"
#include "packager/plan_text.h"
#include "packager/registry.h"
#include "packager/runtime_choice.h"
#include "packager/snapshot.h"
#include "packager/start_function.h"
#include "packager/tvm_plan.h"
#include "packager/wapc_calls.h"

namespace wasmpack {
namespace {

std::vector<SealedLibrary> seal_libraries(std::span<const LinkedLibrary> libraries,
                                          const BundlePlan& plan, DiagnosticSink& sink) {
  std::vector<SealedLibrary> sealed;
  for (const LinkedLibrary& library : libraries)
    sealed.push_back(seal_library(library, plan.sealing[library.index], sink));
  return sealed;
}

// Objects that were made for this bundle, with the bytes they live in.
struct GeneratedObject {
  std::string title;
  std::vector<uint8_t> bytes;
  Object object;
};

void add_generated(std::deque<GeneratedObject>& objects, std::string title,
                   std::vector<uint8_t> bytes, DiagnosticSink& sink) {
  if (bytes.empty()) return;
  GeneratedObject& generated = objects.emplace_back();
  generated.title = std::move(title);
  generated.bytes = std::move(bytes);
  Result<Object> object = read_object(generated.bytes, generated.title);
  if (object)
    generated.object = std::move(*object);
  else
    sink.report(std::move(object.error()));
}

// What the libraries refer to beside the runtime.
std::deque<GeneratedObject> generate_objects(const Manifest& manifest, const BundlePlan& plan,
                                             std::span<const Param> params, DiagnosticSink& sink) {
  std::deque<GeneratedObject> objects;
  if (manifest.bundle.init == InitMode::lazy)
    add_generated(objects, "the lazy functions", make_lazy_wrappers(plan.kernels), sink);
  if (manifest.bundle.has_wapc)
    add_generated(objects, "the waPC adapter's functions", make_wapc_calls(plan.kernels), sink);
  add_generated(objects, "TVM's records", make_tvm_object(plan.tvm), sink);
  add_generated(objects, "the params", make_params_object(params), sink);
  return objects;
}

std::vector<BundlePart> list_parts(const std::deque<GeneratedObject>& generated,
                                   std::span<const LinkedLibrary> libraries,
                                   std::span<const SealedLibrary> sealed) {
  std::vector<BundlePart> parts;
  for (const GeneratedObject& object : generated) parts.push_back({object.title, &object.object});
  for (const LinkedLibrary& library : libraries)
    parts.push_back({library.title(), &sealed[library.index].object});
  return parts;
}

// The runtime goes first: its order among the inputs is the order of its data, and of ties.
std::vector<BundlePart> add_runtime(const ChosenRuntime& runtime,
                                    std::span<const BundlePart> parts) {
  std::vector<BundlePart> all;
  for (size_t i = 0; i < runtime.objects.size(); ++i) {
    all.push_back(
        {"the bundle's runtime", &runtime.objects[i], is_adapter_file(runtime.files[i].name)});
  }
  all.insert(all.end(), parts.begin(), parts.end());
  return all;
}

RegistryInput plan_registry(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                            const BundlePlan& plan, std::span<const Param> params,
                            const UndefinedFunctions& undefined) {
  RegistryInput input;
  input.name = manifest.package.name;
  input.release = manifest.package.version;
  for (const LinkedLibrary& library : libraries)
    input.libraries.push_back({library.name(), library.request->prefix});
  input.kernels = plan.kernels;
  for (const Param& param : params) {
    input.params.push_back({param.request->name.text, param.symbol,
                            static_cast<uint32_t>(param.content.size()), param.request->type->code,
                            param.request->shape});
  }
  input.imports_functions = undefined.any_import;
  return input;
}

// The names that the archive of builtins defines.
std::unordered_set<std::string_view> list_builtins(DiagnosticSink& sink) {
  std::unordered_set<std::string_view> names;
  const Result<std::vector<ArchiveMember>> members = read_archive(builtins_archive(), "builtins.a");
  if (!members) {
    sink.report(members.error());
    return names;
  }
  for (const ArchiveMember& member : *members) {
    const Result<Object> object = read_object(member.bytes, "builtins.a", member.name);
    if (!object) {
      sink.report(object.error());
      continue;
    }
    for (const Symbol& symbol : object->symbols) {
      if (symbol.is_defined() && !symbol.is_local() && symbol.kind == SymbolKind::function)
        names.insert(symbol.name);
    }
  }
  return names;
}

// A kernel is visible under its name to all libraries; where that is the name of a math function
// or the like that another library means, nobody would notice.
void warn_of_captures(const BundlePlan& plan, std::span<const LinkedLibrary> libraries,
                      const std::unordered_set<std::string_view>& builtins, DiagnosticSink& sink) {
  std::unordered_map<std::string_view, const Kernel*> kernels;
  for (const Kernel* kernel : plan.kernels) {
    if (builtins.contains(kernel->name)) kernels.emplace(kernel->name, kernel);
  }
  if (kernels.empty()) return;
  for (const LinkedLibrary& library : libraries) {
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_defined()) continue;
      const auto kernel = kernels.find(symbol.name);
      if (kernel == kernels.end() || kernel->second->library == library.index) continue;
      Diagnostic warning = fail("captured-builtin", {},
                                library.title() + " needs `" + std::string(symbol.name) +
                                    "` and gets the kernel of that name of " +
                                    libraries[kernel->second->library].title(),
                                "give the kernel's library a `prefix`, unless that is meant")
                               .value();
      warning.severity = Severity::warning;
      sink.report(std::move(warning));
    }
  }
}

FinalLink plan_final_link(const Manifest& manifest, const PackOptions& options,
                          std::span<const BundlePart> parts, Bytes registry, const BundlePlan& plan,
                          UndefinedFunctions undefined) {
  FinalLink link;
  for (const BundlePart& part : parts) link.inputs.push_back({part.title, part.object->bytes});
  link.inputs.push_back({"the registry", registry});
  link.builtins = builtins_archive();
  for (const ContractExport& entry : contract_exports(manifest.bundle)) {
    if (entry.kind == ExternKind::function) link.exports.emplace_back(entry.name);
  }
  for (const Kernel* kernel : plan.kernels) {
    if (is_exported(manifest, *kernel)) link.exports.push_back(kernel->name);
  }
  link.imported = std::move(undefined.imported);
  link.module_name = manifest.package.name;
  link.stack_size = manifest.bundle.stack_size;
  link.initial_memory = manifest.bundle.initial_memory;
  link.maximum_memory = manifest.bundle.maximum_memory;
  link.global_base = manifest.bundle.global_base;
  link.import_memory = manifest.bundle.import_memory;
  link.allow_signature_mismatch = manifest.bundle.signature_mismatch == SignaturePolicy::warn;
  link.want_map = options.want_map;
  return link;
}

// Reads a module of our own making; what is wrong with it is no file that was damaged on its way.
std::optional<Object> read_module(Bytes bytes, DiagnosticSink& sink) {
  Result<Object> module = read_object(bytes, "the final link's output");
  if (module) return std::move(*module);
  module.error().help.clear();
  sink.report(std::move(module.error()));
  return std::nullopt;
}

// The function that runs at instantiation; empty if there is none.
std::string_view choose_start(const Manifest& manifest, const MemoryPlan& memory) {
  if (manifest.bundle.init == InitMode::start) return kInitialize;
  // In the other modes every way into a kernel runs the chain, which begins with the claim.
  const bool is_unguarded = manifest.bundle.init == InitMode::initialize;
  return is_unguarded && memory.claims_at_start ? kClaimHeap : std::string_view();
}

std::optional<std::vector<uint8_t>> add_start(const Object& module, std::string_view function,
                                              DiagnosticSink& sink) {
  if (function == kInitialize) warn_of_imports(module, sink);
  Result<std::vector<uint8_t>> started = add_start_function(module, function);
  if (started) return std::move(*started);
  sink.report(std::move(started.error()));
  return std::nullopt;
}

std::vector<ExternalParam> take_external(std::vector<Param> params) {
  std::vector<ExternalParam> external;
  for (Param& param : params) {
    if (!param.external_name.empty())
      external.push_back({param.external_name, std::move(param.file), param.content});
  }
  return external;
}

void fill_report(std::span<const LinkedLibrary> libraries, const BundlePlan& plan,
                 std::span<const Param> params, PackReport& report) {
  report.libraries = libraries.size();
  report.kernels = plan.kernels.size();
  report.constructors = plan.ctors.count;
  for (const LinkedLibrary& library : libraries)
    report.files.insert(report.files.end(), library.files.begin(), library.files.end());
  for (const Param& param : params) report.files.push_back(param.file.path());
}

}  // namespace

std::optional<PackResult> pack_bundle(const Manifest& manifest, const PackOptions& options,
                                      PackReport& report, DiagnosticSink& sink) {
  const auto timed = [&](std::string_view phase, auto work) {
    if (options.on_phase) options.on_phase(phase);
    const PhaseTimer timer(report.times, phase);
    return work();
  };
  const std::vector<LinkedLibrary> libraries =
      timed("link libraries", [&] { return link_libraries(manifest, options, sink); });
  std::vector<Param> params =
      timed("read params", [&] { return open_params(manifest, options, sink); });
  if (sink.has_errors()) return std::nullopt;
  // What the libraries offer and need is now fixed.
  const BundlePlan plan =
      timed("plan", [&] { return plan_bundle(manifest, options, libraries, sink); });
  fill_report(libraries, plan, params, report);
  if (sink.has_errors()) return std::nullopt;
  if (options.plan_only) report.plan = describe_plan(manifest, libraries, plan, params);
  // Kernels, their handles and the order of constructors are now fixed.
  const std::vector<SealedLibrary> sealed =
      timed("seal libraries", [&] { return seal_libraries(libraries, plan, sink); });
  const std::deque<GeneratedObject> generated = generate_objects(manifest, plan, params, sink);
  if (sink.has_errors()) return std::nullopt;
  const std::vector<BundlePart> own = list_parts(generated, libraries, sealed);
  const ChosenRuntime runtime = choose_runtime(manifest.bundle, plan.memory, own, sink);
  const std::vector<BundlePart> parts = add_runtime(runtime, own);
  check_definitions(parts, sink);
  const std::unordered_set<std::string_view> builtins = list_builtins(sink);
  warn_of_captures(plan, libraries, builtins, sink);
  const UndefinedFunctions undefined = find_undefined_functions(parts, builtins, manifest.bundle);
  if (sink.has_errors()) return std::nullopt;
  // The parts of the bundle, and what may become an import, are now fixed.
  const Result<std::vector<uint8_t>> registry =
      make_registry_object(plan_registry(manifest, libraries, plan, params, undefined));
  if (!registry) {
    sink.report(registry.error());
    return std::nullopt;
  }
  if (options.plan_only) return PackResult{};
  const FinalLink link = plan_final_link(manifest, options, parts, *registry, plan, undefined);
  std::optional<FinalLinkResult> linked =
      timed("final link", [&] { return run_final_link(link, parts, sink); });
  if (!linked) return std::nullopt;
  report.map = std::move(linked->map);
  std::optional<std::vector<uint8_t>> bytes = std::move(linked->module);
  std::optional<Object> module = read_module(*bytes, sink);
  if (!module) return std::nullopt;
  check_module(*module, manifest, plan.kernels, undefined, plan.ctors.count, sink);
  check_module_features(manifest, *module, sink);
  if (sink.has_errors()) return std::nullopt;
  // From here on the module is changed as a whole.
  const std::string_view start = choose_start(manifest, plan.memory);
  if (!start.empty() && !(bytes = add_start(*module, start, sink))) return std::nullopt;
  if (manifest.bundle.optimize != OptimizeLevel::none) {
    // A snapshot wants names; what is stripped goes at the end.
    const bool keep_names =
        manifest.bundle.strip != StripPolicy::all || manifest.bundle.init == InitMode::snapshot;
    const OptimizeOptions optimize{manifest.bundle.optimize, options.wasm_opt, keep_names};
    bytes = timed("optimize", [&] { return optimize_module(*bytes, optimize, sink); });
    if (!bytes) return std::nullopt;
  }
  if (manifest.bundle.init == InitMode::snapshot) {
    bytes = timed("snapshot", [&] { return take_snapshot(*bytes, {}, sink); });
    if (!bytes) return std::nullopt;
  }
  module = read_module(*bytes, sink);
  if (!module) return std::nullopt;
  PackResult result;
  result.module = finish_module(
      *module, manifest, make_bundle_manifest(manifest, libraries, plan.ctors, params, *module));
  timed("validate", [&] { validate_module(result.module, sink); });
  if (sink.has_errors()) return std::nullopt;
  result.params = take_external(std::move(params));
  return result;
}

}  // namespace wasmpack
