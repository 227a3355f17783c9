// The waPC adapter's way to kernels of any type: C can call a function only by a type that is known
// when it is compiled, so the packager makes a function for each kernel that takes its arguments
// from memory (runtime/wapc.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packager/kernels.h"

namespace wasmpack {

// An object that defines __wasmpack_wapc_calls: for each kernel, in the order of the registry, the
// table slot of a function (args, results), both addresses of slots of 16 bytes. 0 for a kernel
// with references among its parameters or results: these have no place in memory.
std::vector<uint8_t> make_wapc_calls(std::span<const Kernel* const> kernels);

}  // namespace wasmpack
