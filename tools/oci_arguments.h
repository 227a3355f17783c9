// What `wasmpack pack --oci` and `wasmpack oci write` share: options of an artifact and its time.
#pragma once

#include <string>

#include "packager/oci_artifact.h"
#include "support/diagnostic.h"

namespace CLI {
class App;
}

namespace wasmpack {

// The options of an artifact, under the names of the command: "--oci-tag" or "--tag".
void add_oci_options(CLI::App& app, const std::string& tag, const std::string& media_types,
                     OciOptions& options);

// Takes the time of SOURCE_DATE_EPOCH, if it is set; an error (id "usage") if that is no time.
Result<void> read_oci_time(OciOptions& options);

// What is printed when an artifact is written: "digest: sha256:...\n", as `wkg oci push` does.
std::string digest_line(const OciArtifact& artifact);

}  // namespace wasmpack
