#include "bindgen/bindgen.h"

#include "bindgen/languages.h"

namespace wasmpack {

std::optional<BindingLanguage> parse_language(std::string_view name) {
  if (name == "c") return BindingLanguage::c;
  if (name == "rust") return BindingLanguage::rust;
  if (name == "ts") return BindingLanguage::typescript;
  if (name == "python") return BindingLanguage::python;
  return std::nullopt;
}

std::string make_binding(const BundleDescription& bundle, BindingLanguage language) {
  switch (language) {
    case BindingLanguage::c:
      return make_c_binding(bundle);
    case BindingLanguage::rust:
      return make_rust_binding(bundle);
    case BindingLanguage::typescript:
      return make_typescript_binding(bundle);
    case BindingLanguage::python:
      return make_python_binding(bundle);
  }
  return {};
}

}  // namespace wasmpack
