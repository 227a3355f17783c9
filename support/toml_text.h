// Checks TOML text before its parser sees it: toml++ 3.3.0 crashes on values
// nested 100,000 deep and on dotted keys of 200 KB.
#pragma once

#include <string_view>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

inline constexpr size_t kTomlBytes = size_t{1} << 20;
inline constexpr unsigned kTomlDepth = 32;     // of brackets and braces
inline constexpr unsigned kTomlKeyParts = 16;  // of one dotted key
inline constexpr size_t kTomlKeyBytes = 1024;  // of one key, or of one number or date

// Size, encoding (UTF-8 without NUL), nesting and length of keys. The error names the place.
// `what` is how messages name such a file ("a manifest"), `id` is the error's.
Result<void> check_toml_text(Bytes bytes, std::string_view path, std::string_view what,
                             std::string_view id);

}  // namespace wasmpack
