// A typed host binding of a bundle as source text: one file of a host's language that loads the
// module, has one function for each kernel and knows the tensors that the manifest declares
// (docs/bindgen.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bindgen/description.h"

namespace wasmpack {

enum class BindingLanguage { c, rust, typescript, python };

// "c", "rust", "ts", "python".
std::optional<BindingLanguage> parse_language(std::string_view name);

// UTF-8 text that depends on the description and wasmpack's version only. Whatever the names are,
// it compiles. A kernel whose type the language cannot call is left out, with a comment.
std::string make_binding(const BundleDescription& bundle, BindingLanguage language);

}  // namespace wasmpack
