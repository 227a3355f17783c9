// The manifest of a bundle: docs/manifest.md, schema 1, as far as this version implements it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// A place in the manifest; lines and columns count from 1.
struct ManifestPlace {
  uint32_t line = 0;
  uint32_t column = 0;
};

struct PlacedString {
  std::string text;
  ManifestPlace place;
};

// [[library.kernel]]
struct KernelRequest {
  PlacedString symbol;  // an exact name, or a glob over what the library offers
  std::optional<PlacedString> as;
  std::optional<PlacedString> signature;
};

// [[library]]
struct LibraryRequest {
  ManifestPlace place;
  PlacedString name;
  std::vector<PlacedString> inputs;  // paths and globs, relative to the manifest
  bool whole_archives = true;
  std::string prefix;
  bool seal = true;
  std::vector<PlacedString> keep_global;  // globs
  std::vector<KernelRequest> kernels;
};

// [package]
struct PackageInfo {
  std::string name;
  std::string version;
  std::string description, license, source, homepage, revision;  // "" where absent
  std::vector<std::string> authors;
};

enum class UndefinedPolicy : uint8_t { error, import };

// [bundle]; sizes in bytes
struct BundleOptions {
  std::optional<uint64_t> initial_memory;
  std::optional<uint64_t> maximum_memory;
  uint64_t stack_size = 65536;
  bool export_kernels = true;
  UndefinedPolicy undefined = UndefinedPolicy::error;
  std::vector<std::string> allow_imports;
};

struct Manifest {
  std::string path;  // as given, for messages
  PackageInfo package;
  BundleOptions bundle;
  std::vector<LibraryRequest> libraries;
};

inline constexpr uint64_t kWasmPage = 65536;

// The location of a place in the manifest: prints as "kernels.toml:3:7".
Location manifest_location(std::string_view path, ManifestPlace place);

// Reads the text of a manifest. Everything that is wrong goes to `sink`; nothing is returned then.
// Work and memory are bounded for hostile text (packager/manifest_text.h).
std::optional<Manifest> parse_manifest(Bytes bytes, std::string_view path, DiagnosticSink& sink);

}  // namespace wasmpack
