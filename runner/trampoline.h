// The small wasm module through which every engine calls a kernel: arguments and results lie in the
// bundle's memory, so that all values (v128, the bits of a NaN) pass exactly and all engines do the
// same.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wasmpack {

inline constexpr uint32_t kValueBytes = 16;  // of a value in the frame

// A module that imports "bundle" "memory" and "bundle" "table" and exports
//
//   call: [i32 frame, i32 count, i32 slot] -> []
//
// which calls the function in `slot` of the table, of the type `signature` ("params:results",
// letters of docs/bundle-abi.md), `count` times, at least once. Parameter n is at frame + 16 n,
// result n behind the parameters in the same way; references are null, and are not written.
std::vector<uint8_t> make_trampoline(std::string_view signature);

}  // namespace wasmpack
