// What the libraries of a bundle are to each other: names that clash, and functions that only the
// host can provide.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "object/object.h"
#include "packager/library.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// The bundle's kernels in the order of the registry: by name, bytewise. Reports two kernels of one
// name, with both libraries, and names that the contract or the linker keeps for itself.
std::vector<const Kernel*> order_kernels(std::span<const LinkedLibrary> libraries,
                                         const Manifest& manifest, DiagnosticSink& sink);

// Whether a kernel is a wasm export of the bundle, too.
bool is_exported(const Manifest& manifest, const Kernel& kernel);

// One part of a bundle as the final linker will see it.
struct BundlePart {
  std::string title;  // "library `conv`", "the bundle's runtime"
  const Object* object = nullptr;
  // Its imports are not called by constructors.
  bool is_adapter = false;
};

// Reports each symbol that two parts define.
void check_definitions(std::span<const BundlePart> parts, DiagnosticSink& sink);

// The functions that no part of the bundle defines.
struct UndefinedFunctions {
  // Symbols that become imports although their objects do not say so; sorted, each once.
  std::vector<std::string> imported;
  // Whether a library may call the host: imported functions of both kinds, dead code included.
  bool any_import = false;
};

// Decides by the manifest's `undefined` and `allow-imports`. What is not allowed is left to the
// final linker, which reports it if it is used. `builtins` are names that the final linker finds
// in the archive of builtins.
UndefinedFunctions find_undefined_functions(std::span<const BundlePart> parts,
                                            const std::unordered_set<std::string_view>& builtins,
                                            const BundleOptions& options);

// The exports of the contract (docs/bundle-abi.md) with their types; memory and table have none.
// Those of adapters are among them.
struct ContractExport {
  std::string_view name;
  ExternKind kind;
  std::string_view signature;
};
std::span<const ContractExport> contract_exports(const BundleOptions& options);

// What adapters import, as "module.name", whether `allow-imports` has it or not.
std::span<const std::string_view> adapter_imports(const BundleOptions& options);

}  // namespace wasmpack
