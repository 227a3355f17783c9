// A module as an OCI artifact: the JSON that goes with it, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "packager/oci_format.h"

namespace wasmpack {

struct OciOptions {
  std::string tag = "latest";  // is_oci_tag
  OciMediaTypes types = OciMediaTypes::cncf;
  // Seconds since 1970 for `created`, of SOURCE_DATE_EPOCH. Without it the config says 1970, since
  // readers want a time there, and the manifest nothing.
  bool has_time = false;
  uint64_t time = 0;  // at most kMaxOciTime
};

inline constexpr uint64_t kMaxOciTime = 253402300799;  // the end of the year 9999

// Three blobs, all but the module as text, and the entry of index.json.
struct OciArtifact {
  std::string config, manifest;
  std::string config_digest, layer_digest;
  OciDescriptor entry;  // of the manifest, tag included
};

// Describes `module`, a finished core module. Annotations are its own metadata sections
// (`version`, `description`, `licenses`, `source`, `homepage`, `authors`, `revision`), the title is
// the package of a bundle, else `fallback_name`. The same bytes give the same text. An error (id
// "oci-malformed", with `file` as its place) if the module cannot be read or its metadata are too
// large for a registry.
Result<OciArtifact> make_oci_artifact(Bytes module, std::string_view file,
                                      std::string_view fallback_name, const OciOptions& options);

}  // namespace wasmpack
