#include "packager/bundle_plan.h"

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packager/feature_policy.h"
#include "packager/lazy_wrappers.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

// What the libraries need of each other stays global, as if `keep-global` listed it.
void share_symbols(std::span<const LinkedLibrary> libraries, std::vector<SealingPlan>& sealing) {
  std::unordered_set<std::string_view> needed;
  for (const LinkedLibrary& library : libraries) {
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.is_undefined()) needed.insert(symbol.name);
    }
  }
  for (const LinkedLibrary& library : libraries) {
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section &&
          needed.contains(symbol.name))
        sealing[library.index].shared.emplace_back(symbol.name);
    }
  }
}

// What a command line asks of all libraries together, one of them must have.
void check_common_requests(const Manifest& manifest, std::span<const Kernel* const> kernels,
                           std::span<const LinkedLibrary> libraries, DiagnosticSink& sink) {
  const auto report = [&](std::string message, std::string help) {
    sink.report(
        fail("bad-kernel", {.file = manifest.path}, std::move(message), std::move(help)).value());
  };
  std::unordered_set<std::string_view> matched;
  for (const Kernel* kernel : kernels) {
    if (kernel->request != nullptr) matched.insert(kernel->request->symbol.text);
  }
  std::vector<std::string_view> names;
  for (const LinkedLibrary& library : libraries) {
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.kind == SymbolKind::function && symbol.is_defined() && !symbol.is_local())
        names.push_back(symbol.name);
    }
  }
  for (const KernelRequest& request : manifest.libraries.front().kernels) {
    if (matched.contains(request.symbol.text)) continue;
    report("no input offers a kernel `" + request.symbol.text + "`",
           suggest_sentence(request.symbol.text, names));
  }
  if (kernels.empty() && manifest.libraries.front().kernels.empty()) {
    report(
        "no input offers a kernel: none of their functions is exported or has default visibility",
        "name some: --kernel PATTERN");
  }
}

// init = "lazy": only hosts meet the function that checks. When one library calls another the chain
// runs or has run, and in the middle of it a check could only fail: without imports nobody is
// supposed to call back.
void bypass_lazy_wrappers(std::span<const LinkedLibrary> libraries,
                          std::span<const Kernel* const> kernels,
                          std::vector<SealingPlan>& sealing) {
  std::unordered_set<std::string_view> names;
  for (const Kernel* kernel : kernels) names.insert(kernel->name);
  for (const LinkedLibrary& library : libraries) {
    SealingPlan& plan = sealing[library.index];
    plan.kernel_prefix = kWrappedKernelPrefix;
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.kind == SymbolKind::function && symbol.is_undefined() &&
          names.contains(symbol.name))
        plan.redirects.emplace_back(symbol.name, plan.kernel_prefix + std::string(symbol.name));
    }
  }
}

}  // namespace

BundlePlan plan_bundle(const Manifest& manifest, const PackOptions& options,
                       std::span<const LinkedLibrary> libraries, DiagnosticSink& sink) {
  BundlePlan plan;
  plan.sealing.resize(libraries.size());
  plan.kernels = order_kernels(libraries, manifest, sink);
  check_features(manifest, libraries, sink);
  check_expected_ctors(manifest, libraries, sink);
  plan.ctors = plan_ctors(manifest.ctors, libraries);
  plan.memory = plan_memory(manifest, libraries, sink);
  if (options.share_symbols) {
    share_symbols(libraries, plan.sealing);
    check_common_requests(manifest, plan.kernels, libraries, sink);
  }
  plan.tvm = plan_tvm(libraries, manifest.bundle, plan.sealing);
  if (manifest.bundle.init == InitMode::lazy)
    bypass_lazy_wrappers(libraries, plan.kernels, plan.sealing);
  for (const LinkedLibrary& library : libraries) {
    SealingPlan& sealing = plan.sealing[library.index];
    sealing.priorities = plan.ctors.priorities[library.index];
    if (plan.memory.owner != library.index) continue;
    for (auto& name : list_heap_names(library.heap)) sealing.exposed.push_back(std::move(name));
  }
  return plan;
}

}  // namespace wasmpack
