// The registry of a bundle as a relocatable object: the constant tables of docs/bundle-abi.md and
// the private ones of runtime/bundle.h. Made by our own writer: packing needs no compiler.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "packager/kernels.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct RegistryLibrary {
  std::string_view name;
  std::string_view prefix;
};

struct RegistryInput {
  std::string_view name;                   // the package's
  std::string_view release;                // its version
  std::vector<RegistryLibrary> libraries;  // in manifest order
  std::vector<const Kernel*> kernels;      // sorted by name, bytewise, without duplicates
  bool imports_functions = false;          // see wasmpack_private in runtime/bundle.h
};

// The symbols that runtime/*.c refer to.
inline constexpr std::string_view kBundleSymbol = "__wasmpack_bundle";
inline constexpr std::string_view kPrivateSymbol = "__wasmpack_private";

// An object that defines those two symbols and refers to each kernel by its registry name.
Result<std::vector<uint8_t>> make_registry_object(const RegistryInput& input);

}  // namespace wasmpack
