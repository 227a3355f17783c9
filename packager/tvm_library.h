// What a library that TVM generated is: which functions it registers, how they are called, and so
// which generation of TVM's interface it was made for.
//
// Sources: apache/tvm src/target/llvm/codegen_cpu.cc and codegen_c_host.cc of v0.6 to 0.27; the
// generations are told apart as docs/tvm.md describes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "object/registrations.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Values of wasmpack_kernel::abi (docs/bundle-abi.md).
enum class KernelAbi : uint32_t {
  c = 0,
  tvm_packed3 = 1,
  tvm_packed5 = 2,
  tvm_packed6 = 3,
  tvm_ffi = 4,
  iree = 5,
  halide = 6
};

struct TvmLibrary {
  std::string_view generation;  // "G0" to "G6"; the first one that fits
  KernelAbi abi = KernelAbi::tvm_ffi;
  Registrations registrations;
};

// The functions that TVM code registers with.
inline constexpr std::string_view kTvmRegisterOld = "TVMBackendRegisterSystemLibSymbol";
inline constexpr std::string_view kTvmRegisterNew = "TVMFFIEnvModRegisterSystemLibSymbol";

// The prefix of functions since G4; it is no part of the registered name.
inline constexpr std::string_view kTvmFunctionPrefix = "__tvm_ffi_";

// Whether data of that name is a library's context cell, in which its handle lies.
bool is_tvm_cell(std::string_view name);
// The name under which TVM looks `registered` up.
std::string_view strip_tvm_prefix(std::string_view registered);
// What `registered` would be called if its library had been compiled with that prefix.
std::string add_tvm_prefix(std::string_view registered, std::string_view prefix);

// The interface that kernels of that signature have ("iiii:i"), if it is one of TVM's.
std::optional<KernelAbi> find_tvm_abi(std::string_view signature);

// Nothing if `object`, a library linked as it is, was not made by TVM and `request` does not say
// so. Contradictions are errors, located at `where`, that name a symbol and both types.
std::optional<TvmLibrary> find_tvm_library(const Object& object, const LibraryRequest& request,
                                           const Location& where, DiagnosticSink& sink);

}  // namespace wasmpack
