// Checks the text of a manifest before the TOML parser sees it: toml++ 3.3.0 crashes on values
// nested 100,000 deep and on dotted keys of 200 KB.
#pragma once

#include "packager/manifest.h"
#include "support/bytes.h"

namespace wasmpack {

inline constexpr size_t kManifestBytes = size_t{1} << 20;
inline constexpr unsigned kManifestDepth = 32;     // of brackets and braces
inline constexpr unsigned kManifestKeyParts = 16;  // of one dotted key
inline constexpr size_t kManifestKeyBytes = 1024;  // of one key, or of one number or date

// Size, encoding (UTF-8 without NUL), nesting and length of keys. The error names the place.
Result<void> check_manifest_text(Bytes bytes, std::string_view path);

}  // namespace wasmpack
