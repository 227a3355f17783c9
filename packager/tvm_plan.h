// How the TVM libraries of a bundle come to a runtime: registration, lookup, calls and errors carry
// no library, so each library gets functions of its own, which pass its record on to
// runtime/tvm_*.c. Several generations of TVM so live in one bundle.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "packager/library.h"
#include "packager/manifest.h"

namespace wasmpack {

// A function of the TVM runtime that kernels import.
struct TvmFunction {
  std::string_view name;
  std::string_view signature;
  // What takes its place in runtime/. With `has_record`, the library's record goes before the
  // arguments.
  std::string_view shim;
  bool has_record;
};
std::span<const TvmFunction> tvm_functions();

struct TvmBundleLibrary {
  uint32_t library = 0;  // in the manifest
  KernelAbi abi = KernelAbi::tvm_ffi;
  std::vector<const TvmFunction*> thunks;  // those with a record that it calls
  struct Function {
    std::string name;    // as the library's own code looks it up
    std::string symbol;  // a global one
    std::string signature;
  };
  std::vector<Function> functions;  // registered ones that the registry does not have as
                                    // prefix + registered name
  struct Name {
    std::string symbol, text;
  };
  std::vector<Name> names;  // registered names with the library's prefix
};

struct TvmPlan {
  std::vector<TvmBundleLibrary> libraries;  // those made by TVM
};

// Decides which functions are redirected: undefined ones that no other library defines and that
// `allow-imports` does not leave to the host. Enters that into `sealing`, which has one element for
// each library.
TvmPlan plan_tvm(std::span<const LinkedLibrary> libraries, const BundleOptions& options,
                 std::span<SealingPlan> sealing);

// The symbol of a library's own copy of a TVM function.
std::string tvm_thunk_symbol(uint32_t library, std::string_view function);

// The object with the records, names and functions that the plan speaks of; empty without TVM
// libraries.
std::vector<uint8_t> make_tvm_object(const TvmPlan& plan);

}  // namespace wasmpack
