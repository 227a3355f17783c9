// The JSON files of an OCI image layout that holds Wasm artifacts (image-spec 1.0, CNCF "Wasm OCI
// Artifact layout"): their names, and text to structs. Nothing here touches a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/JSON.h>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

inline constexpr std::string_view kOciManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciRefName = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kOciTitle = "org.opencontainers.image.title";

// The two pairs of media types in use.
enum class OciMediaTypes : uint8_t {
  cncf,    // what wkg, Spin, wasmCloud and containerd's shims read
  legacy,  // what wasm-to-oci and Krustlet read
};
struct OciTypeNames {
  std::string_view option;  // as on the command line
  std::string_view config, layer;
};
inline constexpr OciTypeNames kOciTypeNames[] = {
    {"cncf", "application/vnd.wasm.config.v0+json", "application/wasm"},
    {"legacy", "application/vnd.wasm.config.v1+json",
     "application/vnd.wasm.content.layer.v1+wasm"}};
inline const OciTypeNames& oci_type_names(OciMediaTypes types) {
  return kOciTypeNames[static_cast<size_t>(types)];
}

// What registries take as a manifest; larger JSON of a layout is not read.
inline constexpr size_t kMaxOciJson = 4 << 20;
inline constexpr size_t kMaxOciConfig = 256
                                        << 10;  // one of a Wasm artifact has a few hundred bytes

// A digest is this and 64 lower-case hexadecimal digits.
inline constexpr std::string_view kOciDigestPrefix = "sha256:";
std::string oci_digest(Bytes bytes);
bool is_oci_digest(std::string_view text);

// Whether `text` is a reference name of a layout: words of letters and digits, separated by one of
// - . _ : @ + / or by "--".
bool is_oci_tag(std::string_view text);

// The name of a module's file for a package: "@example/vision 2" -> "-example-vision-2.wasm".
std::string module_file_name(std::string_view package);

using OciAnnotations = std::map<std::string, std::string>;

// A reference to a blob.
struct OciDescriptor {
  std::string media_type;
  std::string digest;  // is_oci_digest
  uint64_t size = 0;   // bytes
  OciAnnotations annotations;

  // The tag of an entry of index.json, "" without one.
  std::string tag() const;
};

// An image manifest.
struct OciManifest {
  std::string media_type;  // "" where absent
  OciDescriptor config;
  std::vector<OciDescriptor> layers;
  OciAnnotations annotations;
};

// Bounded for hostile text: kMaxOciJson bytes and so many objects.
inline constexpr size_t kMaxOciObjects = 20000;

// Each takes the text of one file, `where` names it in errors (id "oci-malformed").
Result<llvm::json::Object> parse_oci_json(Bytes bytes, const Location& where);
// index.json, and an index among the blobs: its entries.
Result<std::vector<OciDescriptor>> parse_oci_index(Bytes text, const Location& where);
Result<OciManifest> parse_oci_manifest(Bytes text, const Location& where);
// The file oci-layout.
Result<void> check_oci_layout_file(Bytes text, const Location& where);

// The config of a Wasm artifact.
struct OciConfig {
  std::string architecture, os;  // "" where absent
  std::string created;           // RFC 3339, "" where absent
  std::string author;
  bool has_component = false;  // says what a component imports and exports
};

// Reads a config and holds it against the one layer; each problem goes to `problems` (id
// "oci-config"). The CNCF's fields are required, those of a legacy config only right if given.
OciConfig check_oci_config(Bytes text, OciMediaTypes types, std::string_view layer_digest,
                           const Location& where, std::vector<Diagnostic>& problems);

llvm::json::Object describe_oci_descriptor(const OciDescriptor& descriptor);

// The text of index.json with `artifact` under its tag: in place of the entry that had the tag,
// else as the last one. What the other entries say is kept. A new layout has no `old_text`.
Result<std::string> add_to_oci_index(std::optional<Bytes> old_text, const OciDescriptor& artifact,
                                     const Location& where);

}  // namespace wasmpack
