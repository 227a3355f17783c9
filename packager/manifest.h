// The manifest of a bundle: docs/manifest.md, schema 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packager/data_type.h"
#include "support/bytes.h"
#include "support/diagnostic.h"
#include "support/text_place.h"

namespace wasmpack {

// A tensor that a kernel takes or gives.
struct TensorArgument {
  std::string name;
  const DataType* type = nullptr;
  std::vector<int64_t> shape;  // -1: any
  std::string layout;          // "" where absent
};

// [[library.kernel]]
struct KernelRequest {
  PlacedString symbol;  // an exact name, or a glob over what the library offers
  std::optional<PlacedString> as;
  std::optional<PlacedString> signature;
  std::string doc;
  std::vector<TensorArgument> args, results;
  bool may_match_nothing = false;  // asked of every library of a command line: one will have it
};

// How the kernels of a library are called; `automatic` finds out.
enum class AbiRequest : uint8_t { automatic, c, tvm, iree, halide };

// One entry of [library.sha256]
struct HashPin {
  PlacedString path;  // as in `inputs`
  std::string hash;   // 64 lower-case hexadecimal digits
};

// [[library]]
struct LibraryRequest {
  TextPlace place;
  PlacedString name;
  std::vector<PlacedString> inputs;  // paths and globs, relative to the manifest
  bool has_literal_inputs = false;   // of a command line: no globs
  bool whole_archives = true;
  std::string prefix;
  bool seal = true;
  std::vector<PlacedString> keep_global;  // globs
  AbiRequest abi = AbiRequest::automatic;
  std::string producer, license;  // "" where absent
  std::vector<HashPin> pins;
  std::optional<bool> export_kernels;  // overrules the bundle's
  std::vector<KernelRequest> kernels;
  bool may_offer_nothing = false;  // other libraries may be all that it is for
};

// [package]
struct PackageInfo {
  std::string name;
  std::string version;
  std::string description, license, source, homepage, revision;  // "" where absent
  std::vector<std::string> authors;
};

enum class InitMode : uint8_t { initialize, start, lazy, snapshot };
std::string_view init_mode_name(InitMode mode);
enum class UndefinedPolicy : uint8_t { error, import };
enum class SignaturePolicy : uint8_t { error, warn };
enum class OptimizeLevel : uint8_t { none, O1, O2, O3, O4, Os, Oz };
enum class StripPolicy : uint8_t { none, debug, all };

// [bundle]; sizes in bytes
struct BundleOptions {
  InitMode init = InitMode::initialize;
  std::optional<uint64_t> initial_memory;
  std::optional<uint64_t> maximum_memory;
  bool import_memory = false;
  uint64_t stack_size = 65536;
  std::optional<uint64_t> global_base;  // address where static data begins
  bool export_kernels = true;
  UndefinedPolicy undefined = UndefinedPolicy::error;
  std::vector<std::string> allow_imports;
  SignaturePolicy signature_mismatch = SignaturePolicy::error;
  OptimizeLevel optimize = OptimizeLevel::none;
  StripPolicy strip = StripPolicy::none;
  bool has_wapc = false;  // adapters = ["wapc"]
};

// [features]; names as in target_features, without a prefix
struct FeaturePolicy {
  std::optional<std::vector<std::string>> allow;  // absent: whatever the inputs need
  std::vector<std::string> deny;
};

// [[param]]
struct ParamRequest {
  TextPlace place;
  PlacedString name;
  PlacedString path;
  uint64_t offset = 0;    // of the slice, in the file
  bool is_slice = false;  // `offset` is given: the file may have more bytes behind it
  const DataType* type = nullptr;
  std::vector<uint64_t> shape;
  uint64_t bytes = 0;       // what type and shape make
  bool is_embedded = true;  // false: delivered beside the bundle
  uint64_t align = 16;
  std::optional<PlacedString> hash;  // of the slice, 64 lower-case hexadecimal digits
};

// [ctors]
struct CtorOptions {
  bool by_priority = false;  // false: library by library
  std::vector<PlacedString> expect;
};

struct Manifest {
  std::string path;  // as given, for messages
  PackageInfo package;
  BundleOptions bundle;
  FeaturePolicy features;
  std::vector<LibraryRequest> libraries;
  std::vector<ParamRequest> params;
  CtorOptions ctors;
  std::vector<std::pair<std::string, std::string>> metadata;  // sorted by key
};

inline constexpr uint64_t kWasmPage = 65536;

// Reads the text of a manifest. Everything that is wrong goes to `sink`; nothing is returned then.
// Work and memory are bounded for hostile text (support/toml_text.h).
std::optional<Manifest> parse_manifest(Bytes bytes, std::string_view path, DiagnosticSink& sink);

}  // namespace wasmpack
