#include "bindgen/languages.h"

#include <array>

#include "bindgen/names.h"
#include "packager/signature.h"
#include "support/version.h"

namespace wasmpack {
namespace {

// By abi, docs/bundle-abi.md.
constexpr std::array<std::string_view, 7> kCalledAs = {
    "",
    "a TVM packed function of 3 arguments",
    "a TVM packed function of 5 arguments",
    "a TVM packed function of 6 arguments",
    "a TVM FFI safe call",
    "an IREE executable library query function",
    "a Halide ahead-of-time entry",
};

std::string quoted(std::string_view text) { return "\"" + comment_text(text) + "\""; }

// `arg "x": float32[-1, 3, 224, 224] "NCHW"`
std::string tensor_line(std::string_view what, const BoundTensor& tensor) {
  std::string line(what);
  if (!tensor.name.empty()) line += " " + quoted(tensor.name);
  line += ": " + tensor.dtype + "[" + join_shape(tensor.shape) + "]";
  if (!tensor.layout.empty()) line += " " + quoted(tensor.layout);
  return line;
}

}  // namespace

std::vector<std::string> header_lines(const BundleDescription& bundle) {
  return {
      "Made by wasmpack bindgen " + std::string(kVersion) + " from a bundle's manifest section.",
      "Do not edit: make it anew when the bundle changes.",
      "Package " + quoted(bundle.package) + ", version " + quoted(bundle.version) + "."};
}

std::vector<std::string> kernel_lines(const BundleDescription& bundle, const BoundKernel& kernel) {
  std::vector<std::string> lines = comment_lines(kernel.doc);
  if (!lines.empty()) lines.emplace_back();
  lines.push_back("Kernel " + quoted(kernel.name) + " of library " +
                  quoted(bundle.libraries[kernel.library]) + ": " + letters_text(kernel.signature));
  if (kernel.abi != 0) lines.push_back("Called as " + std::string(kCalledAs[kernel.abi]) + ".");
  for (const BoundTensor& tensor : kernel.args) lines.push_back(tensor_line("arg", tensor));
  for (const BoundTensor& tensor : kernel.results) lines.push_back(tensor_line("result", tensor));
  return lines;
}

std::string left_out_line(const BoundKernel& kernel) {
  return "Left out, as this language cannot pass its values: " + quoted(kernel.name) + ": " +
         letters_text(kernel.signature);
}

std::string_view param_letters(std::string_view signature) {
  return signature.substr(0, signature.find(':'));
}

std::string_view result_letters(std::string_view signature) {
  return signature.substr(signature.find(':') + 1);
}

bool has_only(std::string_view signature, std::string_view letters) {
  return param_letters(signature).find_first_not_of(letters) == std::string_view::npos &&
         result_letters(signature).find_first_not_of(letters) == std::string_view::npos;
}

std::string join_shape(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t dimension : shape) {
    if (!text.empty()) text += ", ";
    text += std::to_string(dimension);
  }
  return text;
}

std::vector<std::string> kernel_identifiers(const BundleDescription& bundle,
                                            std::span<const std::string_view> reserved) {
  std::vector<std::string_view> names;
  for (const BoundKernel& kernel : bundle.kernels) names.push_back(kernel.name);
  return make_identifiers(names, reserved);
}

std::vector<std::string> param_identifiers(const BundleDescription& bundle,
                                           std::span<const std::string_view> reserved) {
  std::vector<std::string_view> names;
  for (const BoundParam& param : bundle.params) names.push_back(param.tensor.name);
  return make_identifiers(names, reserved);
}

}  // namespace wasmpack
