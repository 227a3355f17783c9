// What is a valid object but cannot be merged with others.
#pragma once

#include <optional>

#include "linker/input.h"

namespace wasmpack {

// The first reason why `input` cannot take part in a link, if any: constructs that name indices
// without a relocation, so that renumbering would change what they mean, and constructs that the
// object convention has no place for. To drop them in silence would be a miscompile.
std::optional<Diagnostic> find_unlinkable(const Input& input);

}  // namespace wasmpack
