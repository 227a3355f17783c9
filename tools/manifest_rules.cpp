#include "tools/manifest_rules.h"

#include <string>
#include <utility>

#include "packager/bundle_symbols.h"
#include "packager/signature.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

bool is_glob(std::string_view text) { return text.find_first_of("*?[\\") != text.npos; }

void add_contract(const BundleOptions& bundle, Rules& rules) {
  for (const ContractExport& entry : contract_exports(bundle)) {
    std::string type(extern_kind_name(entry.kind));
    if (entry.kind == ExternKind::function) type = letters_text(entry.signature);
    rules.exports.push_back({std::string(entry.name), std::move(type)});
  }
}

void add_kernels(const Manifest& manifest, const LibraryRequest& library, Rules& rules) {
  ExpectedKernel kernel;
  kernel.library = library.name.text;
  kernel.is_exported = library.export_kernels.value_or(manifest.bundle.export_kernels);
  if (library.kernels.empty()) {  // whatever it offers
    kernel.name = std::string("*");
    kernel.is_pattern = kernel.may_be_missing = true;
    rules.kernels.push_back(std::move(kernel));
    return;
  }
  for (const KernelRequest& request : library.kernels) {
    ExpectedKernel& entry = rules.kernels.emplace_back(kernel);
    entry.is_pattern = is_glob(request.symbol.text);
    entry.name = (entry.is_pattern ? escape_pattern(library.prefix) : library.prefix) +
                 (request.as ? request.as->text : request.symbol.text);
    // Objects may know the kernel by another name than the registry (export_name, TVM's prefix).
    if (!request.as) entry.symbol = request.symbol.text;
    if (request.signature) entry.type = request.signature->text;
  }
}

void add_imports(const BundleOptions& bundle, Rules& rules) {
  // Then any function may be an import; those of a dynamic loader are findings all the same.
  if (bundle.undefined == UndefinedPolicy::import) return;
  rules.allowed_imports = bundle.allow_imports;
  if (bundle.import_memory) rules.allowed_imports->push_back("env.memory");
  for (const std::string_view import : adapter_imports(bundle))
    rules.allowed_imports->emplace_back(import);
}

}  // namespace

Rules make_manifest_rules(const Manifest& manifest) {
  Rules rules;
  rules.origin = manifest.path;
  rules.kind = WasmKind::bundle;
  rules.bundle_name = manifest.package.name;
  rules.bundle_version = manifest.package.version;
  rules.only_expected_exports = true;
  add_contract(manifest.bundle, rules);
  for (const LibraryRequest& library : manifest.libraries) add_kernels(manifest, library, rules);
  add_imports(manifest.bundle, rules);
  rules.allowed_features = manifest.features.allow;
  rules.forbidden_features = manifest.features.deny;
  return rules;
}

}  // namespace wasmpack
