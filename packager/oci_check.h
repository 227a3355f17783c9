// Verifies an OCI layout that may come from anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packager/oci_format.h"
#include "support/diagnostic.h"

namespace wasmpack {

// What index.json names.
struct OciFacts {
  std::string tag;      // "" without one
  OciDescriptor entry;  // of the manifest, or of whatever else it is
  // Only for a Wasm artifact whose manifest could be read. Entries of one digest share the last
  // two, which are null behind the first kMaxOciListed bytes.
  std::optional<OciMediaTypes> types;
  std::shared_ptr<const OciManifest> manifest;
  std::shared_ptr<const OciConfig> config;
};

struct OciLayoutFacts {
  std::vector<OciFacts> artifacts;  // in the order of index.json
  size_t blobs = 0;                 // that something names and that are sound
  uint64_t bytes = 0;               // of these
};

// Bytes of blobs that are read at most; what goes beyond is reported as not checked.
inline constexpr uint64_t kMaxOciBytes = uint64_t{16} << 30;

// Bytes of manifests and configs, counted for every entry that names them, and 4 KiB for each layer
// behind the first (what JSON of it takes) that a report of the layout can have.
inline constexpr uint64_t kMaxOciListed = uint64_t{64} << 20;

// Reads `folder` and holds all of it against the specifications: sizes and hashes of every blob
// that is named, media types, the config, the one layer and what it is, tags. Artifacts that are
// not Wasm ones (images, signatures) are checked for their blobs only. Problems come in the order
// they were found, errors and warnings (blobs that nothing names); nothing outside of `folder` is
// opened. The result is an error only if this is no layout at all or cannot be read (ids
// "oci-not-a-layout", "cannot-read").
Result<OciLayoutFacts> check_oci_layout(const std::string& folder,
                                        std::vector<Diagnostic>& problems);

}  // namespace wasmpack
