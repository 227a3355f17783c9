// Which functions of a library become kernels of the bundle, and under which names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "object/object.h"
#include "packager/manifest.h"
#include "packager/tvm_library.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct Kernel {
  std::string name;       // in the registry: the library's prefix + its own name
  std::string symbol;     // as the library's objects name it
  std::string type;       // "(i32,i32)->(i32)"
  std::string signature;  // "ii:i"
  KernelAbi abi = KernelAbi::c;
  uint32_t library = 0;                    // index into the manifest's libraries
  const KernelRequest* request = nullptr;  // the entry that asked for it; null without one
};

// Applies the [[library.kernel]] entries of `library` to `object`, the library linked as it is;
// without entries, takes everything the library offers. `tvm` is null for other producers.
// docs/manifest.md, "What a library offers", has the rules. Problems go to `sink`, located in the
// manifest.
std::vector<Kernel> choose_kernels(const Object& object, const TvmLibrary* tvm,
                                   const Manifest& manifest, uint32_t library,
                                   DiagnosticSink& sink);

}  // namespace wasmpack
