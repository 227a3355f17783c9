// Any text as a manifest section is a description or an error, and every binding of a description
// is text without control characters: what is quoted or commented cannot get out.
#include "bindgen/bindgen.h"
#include "packager/bundle_manifest.h"

#include <cstdlib>

namespace {

using namespace wasmpack;

constexpr uint8_t kNoTypes = 0;

Object make_module(Bytes section) {
  Object module;
  module.file = "fuzz.wasm";
  module.sections.push_back(
      {.id = SectionId::custom, .name = kManifestSection, .content = section});
  module.types.push_back({.params = Bytes(&kNoTypes, 0), .results = Bytes(&kNoTypes, 0)});
  module.functions.push_back(0);
  module.exports.push_back({"memory", ExternKind::memory, 0});
  module.exports.push_back({"__indirect_function_table", ExternKind::table, 0});
  for (const char* name : {"_initialize", "wasmpack_query", "wasmpack_find", "wasmpack_entry",
                           "wasmpack_alloc", "wasmpack_free", "wasmpack_error", "kernel"})
    module.exports.push_back({name, ExternKind::function, 0});
  return module;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Object module = make_module(Bytes(data, size));
  const Result<BundleDescription> bundle = describe_bundle(module);
  if (!bundle) {
    if (render_text(bundle.error(), false).empty()) std::abort();
    return 0;
  }
  for (const BindingLanguage language : {BindingLanguage::c, BindingLanguage::rust,
                                         BindingLanguage::typescript, BindingLanguage::python}) {
    for (const char c : make_binding(*bundle, language)) {
      if ((c >= 0 && c < ' ' && c != '\n') || c == 0x7f) std::abort();
    }
  }
  return 0;
}
