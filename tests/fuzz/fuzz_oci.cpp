// Any text as a file of an OCI layout is what it should be or an error; an index that is read takes
// one more artifact, once, and a module makes an artifact that we can read again.
#include "packager/oci_artifact.h"

#include <cstdlib>

namespace {

using namespace wasmpack;

void check_index(Bytes text, const OciDescriptor& artifact) {
  const Result<std::vector<OciDescriptor>> old = parse_oci_index(text, {});
  const Result<std::string> added = add_to_oci_index(text, artifact, {});
  if (!old && added) std::abort();
  if (!added) return;
  const Result<std::vector<OciDescriptor>> entries = parse_oci_index(as_bytes(*added), {});
  if (!entries) std::abort();
  size_t count = 0;
  for (const OciDescriptor& entry : *entries) count += entry.tag() == artifact.tag();
  if (count != 1) std::abort();
  if (*add_to_oci_index(as_bytes(*added), artifact, {}) != *added) std::abort();
}

void check_module(Bytes module) {
  const Result<OciArtifact> artifact = make_oci_artifact(module, "m.wasm", "m", {});
  if (!artifact) return;
  const Result<OciManifest> manifest = parse_oci_manifest(as_bytes(artifact->manifest), {});
  if (!manifest || manifest->layers.size() != 1) std::abort();
  std::vector<Diagnostic> problems;
  check_oci_config(as_bytes(artifact->config), OciMediaTypes::cncf, artifact->layer_digest, {},
                   problems);
  if (!problems.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  const std::string digest = oci_digest(input);
  check_index(input, {.media_type = std::string(kOciManifestType),
                      .digest = digest,
                      .size = size,
                      .annotations = {{std::string(kOciRefName), "latest"}}});
  if (const Result<OciManifest> manifest = parse_oci_manifest(input, {}); manifest) {
    for (const OciDescriptor& layer : manifest->layers)
      if (!is_oci_digest(layer.digest)) std::abort();
  }
  (void)check_oci_layout_file(input, {});
  std::vector<Diagnostic> problems;
  check_oci_config(input, OciMediaTypes::cncf, digest, {}, problems);
  check_oci_config(input, OciMediaTypes::legacy, digest, {}, problems);
  for (const Diagnostic& problem : problems)
    if (render_text(problem, false).empty()) std::abort();
  check_module(input);
  return 0;
}
