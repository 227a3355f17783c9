// One function for each language of make_binding(), and what their texts share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bindgen/description.h"

namespace wasmpack {

std::string make_c_binding(const BundleDescription& bundle);
std::string make_rust_binding(const BundleDescription& bundle);
std::string make_typescript_binding(const BundleDescription& bundle);
std::string make_python_binding(const BundleDescription& bundle);

// What made the file and from which bundle, as lines for a comment. The first two hold no text of
// the bundle: Python looks there for a file's encoding.
std::vector<std::string> header_lines(const BundleDescription& bundle);

// What the manifest says of a kernel, as lines for a comment.
std::vector<std::string> kernel_lines(const BundleDescription& bundle, const BoundKernel& kernel);

// `kernel 'x' of type (v128)->() ...`: why it is left out, for a comment.
std::string left_out_line(const BoundKernel& kernel);

// "ii" and "f" of "ii:f".
std::string_view param_letters(std::string_view signature);
std::string_view result_letters(std::string_view signature);

// Whether all values of the signature are among `letters`.
bool has_only(std::string_view signature, std::string_view letters);

// "p0: number, p1: bigint": `piece(position, letter)` for each letter, separated by ", ".
template <class Piece>
std::string join(std::string_view letters, Piece piece) {
  std::string text;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (i != 0) text += ", ";
    text += piece(i, letters[i]);
  }
  return text;
}

// "-1, 3, 224"
std::string join_shape(const std::vector<int64_t>& shape);

// The identifiers of the kernels and of the params, in their order.
std::vector<std::string> kernel_identifiers(const BundleDescription& bundle,
                                            std::span<const std::string_view> reserved);
std::vector<std::string> param_identifiers(const BundleDescription& bundle,
                                           std::span<const std::string_view> reserved);

}  // namespace wasmpack
