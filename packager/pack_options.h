// What the command line says about a pack, beside the manifest.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace wasmpack {

struct PackOptions {
  bool allow_outside = false;  // inputs may lie outside of the manifest's folder
  // Libraries may use each other's symbols without `keep-global`: what the command line packs
  // without a manifest.
  bool share_symbols = false;
  std::string wasm_opt;  // an external wasm-opt; "" is the Binaryen that comes with wasmpack
  bool want_map = false;
  bool plan_only = false;                          // stop when everything is decided
  std::function<void(std::string_view)> on_phase;  // called as each phase begins; may be empty
};

}  // namespace wasmpack
