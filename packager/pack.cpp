#include "packager/pack.h"

#include <span>
#include <utility>

#include "object/read.h"
#include "object/write.h"
#include "packager/bundle_manifest.h"
#include "packager/bundle_symbols.h"
#include "packager/check_module.h"
#include "packager/final_link.h"
#include "packager/libraries.h"
#include "packager/memory_plan.h"
#include "packager/registry.h"
#include "packager/runtime_choice.h"

namespace wasmpack {
namespace {

RegistryInput plan_registry(const Manifest& manifest, std::span<const PreparedLibrary> libraries,
                            std::vector<const Kernel*> kernels,
                            const UndefinedFunctions& undefined) {
  RegistryInput input;
  input.name = manifest.package.name;
  input.release = manifest.package.version;
  for (const PreparedLibrary& library : libraries)
    input.libraries.push_back({library.name, library.prefix});
  input.kernels = std::move(kernels);
  input.imports_functions = undefined.any_import;
  return input;
}

// Runtime first: its order among the inputs is the order of its data, and of ties.
FinalLink plan_final_link(const Manifest& manifest, const ChosenRuntime& runtime,
                          std::span<const PreparedLibrary> libraries,
                          std::span<const Kernel* const> kernels, Bytes registry,
                          UndefinedFunctions undefined) {
  FinalLink link;
  for (const RuntimeObject& embedded : runtime.files)
    link.inputs.push_back({"the bundle's runtime", embedded.bytes});
  link.inputs.push_back({"the registry", registry});
  for (const PreparedLibrary& library : libraries)
    link.inputs.push_back({"library `" + library.name + "`", library.bytes});
  for (const ContractExport& entry : contract_exports()) {
    if (entry.kind == ExternKind::function) link.exports.emplace_back(entry.name);
  }
  if (manifest.bundle.export_kernels) {
    for (const Kernel* kernel : kernels) link.exports.push_back(kernel->name);
  }
  link.imported = std::move(undefined.imported);
  link.module_name = manifest.package.name;
  link.stack_size = manifest.bundle.stack_size;
  link.initial_memory = manifest.bundle.initial_memory;
  link.maximum_memory = manifest.bundle.maximum_memory;
  return link;
}

// The module with its manifest section at the end, and without what `link` wrote down about each
// library, which is in there.
ByteWriter add_manifest(const Object& module, const std::string& manifest) {
  ByteWriter out;
  out.reserve(module.bytes.size() + manifest.size() + 64);
  out.write_bytes(kWasmHeader);
  for (const Section& section : module.sections) {
    if (!section.is_custom() || section.name != kLinkRecordSection) out.write_bytes(section.raw);
  }
  append_custom_section(out, kManifestSection, as_bytes(manifest));
  return out;
}

}  // namespace

std::optional<std::vector<uint8_t>> pack_bundle(const Manifest& manifest, PackReport& report,
                                                DiagnosticSink& sink) {
  const auto timed = [&](std::string_view phase, auto work) {
    const PhaseTimer timer(report.times, phase);
    return work();
  };
  const std::vector<PreparedLibrary> libraries =
      timed("link libraries", [&] { return prepare_libraries(manifest, sink); });
  if (sink.has_errors()) return std::nullopt;
  const MemoryPlan memory = plan_memory(manifest, libraries, sink);
  const ChosenRuntime runtime = choose_runtime(memory, libraries, sink);
  if (sink.has_errors()) return std::nullopt;
  // The libraries' objects are now fixed.
  const std::vector<const Kernel*> kernels = order_kernels(libraries, manifest, sink);
  check_definitions(libraries, runtime.objects, sink);
  if (sink.has_errors()) return std::nullopt;
  const UndefinedFunctions undefined =
      find_undefined_functions(libraries, runtime.objects, manifest.bundle);
  // Kernel handles, and what may become an import, are now fixed.
  const Result<std::vector<uint8_t>> registry =
      make_registry_object(plan_registry(manifest, libraries, kernels, undefined));
  if (!registry) {
    sink.report(registry.error());
    return std::nullopt;
  }
  const FinalLink link =
      plan_final_link(manifest, runtime, libraries, kernels, *registry, undefined);
  const std::optional<std::vector<uint8_t>> linked =
      timed("final link", [&] { return run_final_link(link, libraries, sink); });
  if (!linked) return std::nullopt;
  const Result<Object> module = read_object(*linked, "the final link's output");
  if (!module) {
    Diagnostic problem = module.error();
    problem.help.clear();  // it speaks of files that were damaged on their way
    sink.report(std::move(problem));
    return std::nullopt;
  }
  check_module(*module, manifest, kernels, undefined, sink);
  if (sink.has_errors()) return std::nullopt;

  ByteWriter out = add_manifest(*module, make_bundle_manifest(manifest, libraries, *module));
  timed("validate", [&] { validate_module(out.bytes(), sink); });
  if (sink.has_errors()) return std::nullopt;

  report.libraries = libraries.size();
  report.kernels = kernels.size();
  for (const PreparedLibrary& library : libraries)
    report.constructors += library.constructors.size();
  return out.take();
}

}  // namespace wasmpack
