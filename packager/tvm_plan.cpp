#include "packager/tvm_plan.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "packager/signature.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

// Types as in TVM's c_backend_api.h and tvm-ffi's c_api.h, on wasm32.
constexpr TvmFunction kFunctions[] = {
    {"TVMBackendRegisterSystemLibSymbol", "ii:i", "__wasmpack_tvm_register", true},
    {"TVMFFIEnvModRegisterSystemLibSymbol", "ii:i", "__wasmpack_tvm_register", true},
    {"TVMBackendGetFuncFromEnv", "iii:i", "__wasmpack_tvm_lookup", true},
    {"TVMFFIEnvModLookupFromImports", "iii:i", "__wasmpack_tvm_lookup", true},
    {"TVMFuncCall", "iiiiii:i", "__wasmpack_tvm_call_packed", true},
    {"TVMFFIFunctionCall", "iiii:i", "__wasmpack_tvm_call_ffi", true},
    {"TVMAPISetLastError", "i:", "__wasmpack_tvm_set_error", true},
    {"TVMFFIErrorSetRaisedFromCStr", "ii:", "__wasmpack_tvm_raise", true},
    {"TVMFFIErrorSetRaisedFromCStrParts", "iii:", "__wasmpack_tvm_raise_parts", true},
    {"TVMBackendAllocWorkspace", "iiIii:i", "__wasmpack_tvm_alloc_workspace", false},
    {"TVMBackendFreeWorkspace", "iii:i", "__wasmpack_tvm_free_workspace", false},
    {"TVMBackendParallelLaunch", "iii:i", "__wasmpack_tvm_parallel_launch", false},
    {"TVMBackendParallelBarrier", "ii:i", "__wasmpack_tvm_parallel_barrier", false},
    {"TVMBackendRunOnce", "iiii:i", "__wasmpack_tvm_run_once", false},
    {"TVMFFIHandleInitOnce", "ii:i", "__wasmpack_tvm_init_once", false}};

class TvmPlanner {
 public:
  TvmPlanner(std::span<const LinkedLibrary> libraries, const BundleOptions& options,
             std::span<SealingPlan> sealing)
      : libraries_(libraries),
        allowed_(
            PatternList::create(options.allow_imports, "allow-imports").value_or(PatternList())),
        sealing_(sealing) {
    for (const LinkedLibrary& library : libraries) {
      for (const std::string_view name : list_visible_symbols(library)) defined_.insert(name);
      const std::vector<std::string>& shared = sealing[library.index].shared;
      defined_.insert(shared.begin(), shared.end());
    }
  }

  TvmPlan plan() {
    TvmPlan plan;
    for (const LinkedLibrary& library : libraries_) {
      if (!library.tvm) continue;
      TvmBundleLibrary planned;
      planned.library = library.index;
      planned.abi = library.tvm->abi;
      redirect_functions(library, planned);
      rename_registrations(library, planned);
      list_functions(library, planned);
      plan.libraries.push_back(std::move(planned));
    }
    return plan;
  }

 private:
  void redirect_functions(const LinkedLibrary& library, TvmBundleLibrary& planned) {
    std::unordered_set<std::string_view> undefined;
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.kind == SymbolKind::function && symbol.is_undefined())
        undefined.insert(symbol.name);
    }
    SealingPlan& sealing = sealing_[library.index];
    for (const TvmFunction& function : kFunctions) {
      if (!undefined.contains(function.name) || defined_.contains(function.name) ||
          allowed_.matches("env." + std::string(function.name)))
        continue;
      if (function.has_record) {
        planned.thunks.push_back(&function);
        sealing.redirects.emplace_back(function.name,
                                       tvm_thunk_symbol(library.index, function.name));
      } else {
        sealing.redirects.emplace_back(function.name, function.shim);
      }
    }
    for (const std::string_view registrar : {kTvmRegisterOld, kTvmRegisterNew}) {
      sealing.registrars.emplace_back(registrar);
      sealing.registrars.push_back(tvm_thunk_symbol(library.index, registrar));
    }
  }

  static std::string symbol_of(uint32_t library, std::string_view what, size_t number) {
    return "__wasmpack_tvm." + std::to_string(library) + "." + std::string(what) + "." +
           std::to_string(number);
  }

  // What a library registers, it registers under names with its prefix, as if it had been compiled
  // with it.
  void rename_registrations(const LinkedLibrary& library, TvmBundleLibrary& planned) {
    if (library.request->prefix.empty()) return;
    const std::vector<Registration>& entries = library.tvm->registrations.entries;
    for (uint32_t i = 0; i < entries.size(); ++i) {
      const std::string symbol = symbol_of(library.index, "name", i);
      planned.names.push_back({symbol, add_tvm_prefix(entries[i].name, library.request->prefix)});
      sealing_[library.index].new_names.emplace_back(i, symbol);
    }
  }

  void list_functions(const LinkedLibrary& library, TvmBundleLibrary& planned) {
    std::unordered_map<std::string_view, std::string_view> kernels;  // name -> symbol
    for (const Kernel& kernel : library.kernels) kernels.emplace(kernel.name, kernel.symbol);
    std::unordered_set<std::string_view> seen;
    for (const Registration& entry : library.tvm->registrations.entries) {
      const Symbol& symbol = library.object.symbols[entry.target];
      if (symbol.kind != SymbolKind::function || symbol.is_undefined()) continue;
      const std::string_view name = strip_tvm_prefix(entry.name);
      if (!seen.insert(name).second) continue;
      const auto kernel = kernels.find(library.request->prefix + std::string(name));
      if (kernel != kernels.end() && kernel->second == symbol.name) continue;
      const FuncType& type = library.object.types[library.object.function_type(symbol.index)];
      const std::string global = symbol_of(library.index, "function", planned.functions.size());
      planned.functions.push_back(
          {std::string(name), global, signature_letters(type).value_or(":")});
      sealing_[library.index].exposed.emplace_back(symbol.index, global);
    }
  }

  std::span<const LinkedLibrary> libraries_;
  PatternList allowed_;
  std::span<SealingPlan> sealing_;
  std::unordered_set<std::string_view> defined_;  // by any library, for the others
};

}  // namespace

std::span<const TvmFunction> tvm_functions() { return kFunctions; }

std::string tvm_thunk_symbol(uint32_t library, std::string_view function) {
  return "__wasmpack_tvm." + std::to_string(library) + "." + std::string(function);
}

TvmPlan plan_tvm(std::span<const LinkedLibrary> libraries, const BundleOptions& options,
                 std::span<SealingPlan> sealing) {
  return TvmPlanner(libraries, options, sealing).plan();
}

}  // namespace wasmpack
