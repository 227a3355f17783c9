#include "packager/plan_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace wasmpack {
namespace {

std::string quote(std::string_view name) { return "`" + escape_controls(name) + "`"; }

std::string_view abi_text(KernelAbi abi) {
  constexpr std::string_view kTexts[] = {"c",
                                         "tvm packed, 3 arguments",
                                         "tvm packed, 5 arguments",
                                         "tvm packed, 6 arguments",
                                         "tvm ffi",
                                         "iree library query",
                                         "halide"};
  return kTexts[static_cast<size_t>(abi)];
}

std::string describe_kernels(std::span<const LinkedLibrary> libraries, const BundlePlan& plan) {
  std::string text = "kernels, " + std::to_string(plan.kernels.size()) + ":\n";
  for (const Kernel* kernel : plan.kernels) {
    text += "  " + escape_controls(kernel->name) + " " + kernel->type + "  " +
            quote(kernel->symbol) + " of " + libraries[kernel->library].name() + ", " +
            std::string(abi_text(kernel->abi)) + "\n";
  }
  return text;
}

std::string describe_chain(std::span<const LinkedLibrary> libraries, const BundlePlan& plan) {
  std::vector<std::string> chain(plan.ctors.count);
  for (const LinkedLibrary& library : libraries) {
    for (size_t i = 0; i < library.constructors.size(); ++i) {
      const Constructor& constructor = library.constructors[i];
      chain[plan.ctors.orders[library.index][i]] = "  " + quote(constructor.symbol) + " of " +
                                                   library.name() + ", priority " +
                                                   std::to_string(constructor.priority) + "\n";
    }
  }
  std::string text = "constructors, " + std::to_string(chain.size()) + ", in this order:\n";
  for (const std::string& line : chain) text += line;
  return text;
}

}  // namespace

std::string describe_plan(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                          const BundlePlan& plan, std::span<const Param> params) {
  std::string text = escape_controls(manifest.package.name) + " " + manifest.package.version +
                     ", init " + std::string(init_mode_name(manifest.bundle.init)) +
                     (manifest.bundle.has_wapc ? ", adapter wapc" : "") + "\n";
  text += "libraries, " + std::to_string(libraries.size()) + ":\n";
  for (const LinkedLibrary& library : libraries) {
    text += "  " + escape_controls(library.name()) + ":";
    for (const std::string& file : library.files) text += " " + escape_controls(file);
    if (library.tvm) text += " (TVM, " + std::string(library.tvm->generation) + ")";
    if (plan.memory.owner == library.index) text += " (owns the initial heap)";
    text += "\n";
  }
  text += describe_kernels(libraries, plan) + describe_chain(libraries, plan);
  if (!params.empty()) text += "params, " + std::to_string(params.size()) + ":\n";
  for (const Param& param : params) {
    text += "  " + escape_controls(param.request->name.text) + ", " +
            std::to_string(param.content.size()) + " bytes, " +
            (param.external_name.empty() ? "embedded" : "in " + param.external_name) + "\n";
  }
  return text;
}

}  // namespace wasmpack
