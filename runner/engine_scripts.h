// The programs that runner/engines/ has for engines that are somebody else's command;
// cmake/WasmpackEmbed.cmake embeds their bytes.
#pragma once

#include <string_view>

namespace wasmpack {

std::string_view node_engine_script();      // JavaScript, for node -e
std::string_view wasmtime_engine_script();  // Python

}  // namespace wasmpack
