// What a build script prints so that a Cargo build keeps a kernel library whole and runs its
// constructors once. Text only; tools/cargo_flags_command.cpp makes the files.
//
// Measured with rustc 1.63 and 1.95: of all forms that name a library only an object on the final
// link line is kept by every rustc (`-l static` drops it, 1.63 with +whole-archive, too), and
// cargo passes rustc-link-arg to the programs of the package that prints it, never to those that
// depend on it. So a dependency hands its object on as metadata (DEP_<links>_OBJECT) and asks for a
// library that only whoever links the object offers: `-l` travels with the crate, and the final
// link fails with its name if the object was forgotten. wasm-ld's --allow-undefined, which rustc
// passes, lets undefined symbols through, but not missing libraries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wasmpack {

// Who exports the entry points of the constructor chain.
enum class CargoEntry : uint8_t {
  automatic,  // cdylibs, and all programs of a target where nobody else runs the chain
  always,     // every program of the package
  none,
};

struct CargoTarget {
  bool is_wasm = true;
  bool is_wide = false;        // wasm64
  bool is_wasi = false;        // the _start of a command runs the chain
  bool is_emscripten = false;  // its start-up code does
};

// By the parts of a target triple.
CargoTarget read_cargo_target(std::string_view triple);

// The name of the library that is missing from the final link if nobody linked the object.
std::string cargo_witness_name(std::string_view package, std::string_view library);

// The line that puts the object of the entry points on the link line of those programs that should
// export them; empty if none should. The object is not part of a library, because a reference to
// __wasm_call_ctors keeps wasm-ld from wrapping `_start`, and the `_start` of Rust's own crt1
// relies on the wrapper for its constructors.
std::string print_cargo_entry(const CargoTarget& target, CargoEntry entry, bool has_cdylib,
                              const std::string& entry_object);

// Lines that put objects (absolute paths), and the folders of their witnesses, on the link line of
// the package's programs.
std::string print_cargo_objects(const std::vector<std::string>& objects);

}  // namespace wasmpack
