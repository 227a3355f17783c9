// What a host binding is made from: the facts of a bundle's `wasmpack.manifest` section that a host
// needs, checked against the module that carries it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// All texts are UTF-8, else arbitrary: quotes, line ends and NULs included.
struct BoundTensor {
  std::string name;
  std::string dtype;           // one of the manifest's, "float32"
  std::vector<int64_t> shape;  // -1: any; at most 2^53
  std::string layout;          // may be empty
};

struct BoundKernel {
  std::string name;       // in the registry
  std::string signature;  // "params:results", letters of docs/bundle-abi.md
  std::string doc;
  uint32_t library = 0;  // position in BundleDescription::libraries
  uint32_t abi = 0;      // of docs/bundle-abi.md
  bool is_exported = false;
  std::vector<BoundTensor> args;
  std::vector<BoundTensor> results;
};

struct BoundParam {
  BoundTensor tensor;
  uint64_t bytes = 0;
  bool is_external = false;  // delivered beside the bundle in `file`
  std::string file;
};

// A function, or the memory, that the host must give.
struct BoundImport {
  std::string module;
  std::string field;
  bool is_memory = false;
  std::string signature;  // of a function
  uint64_t minimum = 0;   // of a memory, in pages
  std::optional<uint64_t> maximum;
};

struct BundleDescription {
  std::string package;
  std::string version;
  std::string init;
  std::vector<std::string> libraries;  // their order is wasmpack_error's
  std::vector<BoundKernel> kernels;    // sorted by name, bytewise; no name twice
  std::vector<BoundParam> params;      // so are these
  std::vector<BoundImport> imports;    // sorted by module and field; no pair twice
};

// Reads a finished module. Keys that the section lacks or has beyond these are no error; a value of
// the wrong kind is, and so is a module that does not offer what its section says.
Result<BundleDescription> describe_bundle(const Object& module);

}  // namespace wasmpack
