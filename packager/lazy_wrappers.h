// init = "lazy": what hosts call in place of a kernel first runs the constructors, unless they have
// run.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "packager/kernels.h"

namespace wasmpack {

// Before a kernel's registry name, in the symbol of the kernel itself.
inline constexpr std::string_view kWrappedKernelPrefix = "__wasmpack_kernel.";

// An object that defines each kernel's registry name as a function that calls
// __wasmpack_initialize_from_host and then the kernel.
std::vector<uint8_t> make_lazy_wrappers(std::span<const Kernel* const> kernels);

}  // namespace wasmpack
