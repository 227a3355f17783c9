// The version of wasmpack, as `wasmpack --version` prints it.
#pragma once

#include <string_view>

namespace wasmpack {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace wasmpack
