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

struct RegistryParam {
  std::string_view name;
  std::string_view symbol;  // of its data; empty if it is delivered beside the bundle
  uint32_t bytes;
  uint32_t data_type;  // DataType::code
  std::span<const uint64_t> shape;
};

struct RegistryInput {
  std::string_view name;                   // the package's
  std::string_view release;                // its version
  std::vector<RegistryLibrary> libraries;  // in manifest order
  std::vector<const Kernel*> kernels;      // sorted by name, bytewise, without duplicates
  std::vector<RegistryParam> params;       // sorted by name, bytewise, without duplicates
  bool imports_functions = false;          // see wasmpack_private in runtime/bundle.h
};

// The symbols that runtime/*.c refer to.
inline constexpr std::string_view kBundleSymbol = "__wasmpack_bundle";
inline constexpr std::string_view kPrivateSymbol = "__wasmpack_private";

// An object that defines those two symbols and refers to each kernel by its registry name, and to
// the data of params by their symbols.
Result<std::vector<uint8_t>> make_registry_object(const RegistryInput& input);

}  // namespace wasmpack
