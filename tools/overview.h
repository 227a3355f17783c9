// What `wasmpack --help` prints, and the words of it that the manual page shares.
#pragma once

#include <string>
#include <string_view>

namespace wasmpack {

inline constexpr std::string_view kOverview =
    "link, seal, pack and inspect WebAssembly kernel libraries";
inline constexpr std::string_view kExitCodes =
    "0 done; 1 failed, or findings; 2 wrong usage or unreadable input; 70 internal error.";

std::string overview_text();

}  // namespace wasmpack
