// Any object that the linker takes can be looked at, planned for and sealed as a library of a
// bundle: an error or an object, never a crash, and an object that can be read again.
#include <cstdlib>

#include "linker/link.h"
#include "object/read.h"
#include "packager/bundle_plan.h"
#include "packager/library.h"
#include "packager/tvm_plan.h"
#include "tests/fuzz/section_mutator.h"

namespace wasmpack {
namespace {

Manifest make_manifest() {
  Manifest manifest;
  manifest.path = "k.toml";
  manifest.package = {.name = "p", .version = "1.0.0"};
  LibraryRequest& library = manifest.libraries.emplace_back();
  library.name.text = "l";
  library.prefix = "p_";
  library.may_offer_nothing = true;
  return manifest;
}

void run(Bytes data) {
  DiagnosticSink sink;
  LinkReport report;
  std::vector<LinkInput> inputs;
  inputs.push_back({InputFile::from_bytes("a.o", data)});
  std::optional<std::vector<uint8_t>> linked = link_to_memory(inputs, {}, report, sink);
  if (!linked) return;
  const Manifest manifest = make_manifest();
  std::vector<LinkedLibrary> libraries(1);
  LinkedLibrary& library = libraries.front();
  library.request = &manifest.libraries.front();
  library.bytes = std::move(*linked);
  Result<Object> object = read_object(library.bytes, "l");
  if (!object) std::abort();  // what our linker wrote
  library.object = std::move(*object);
  library.tvm = find_tvm_library(library.object, *library.request, {}, sink);
  library.heap = find_heap_use(library.object);
  library.kernels =
      choose_kernels(library.object, library.tvm ? &*library.tvm : nullptr, manifest, 0, sink);
  for (const InitFunction& init : library.object.init_functions) {
    library.constructors.push_back(
        {std::string(library.object.symbols[init.symbol].name), init.priority});
  }
  const BundlePlan plan = plan_bundle(manifest, {}, libraries, sink);
  const std::vector<uint8_t> generated = make_tvm_object(plan.tvm);
  if (!generated.empty() && !read_object(generated, "tvm")) std::abort();
  const SealedLibrary sealed = seal_library(library, plan.sealing.front(), sink);
  if (sealed.bytes.empty() && !sink.has_errors()) std::abort();
}

}  // namespace
}  // namespace wasmpack

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wasmpack::run({data, size});
  return 0;
}
