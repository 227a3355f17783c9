// What `wasmpack oci check` prints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "packager/oci_check.h"

namespace wasmpack {

bool has_errors(std::span<const Diagnostic> problems);

// For people; names and texts of the layout are escaped.
std::string render_oci_text(const std::string& folder, const OciLayoutFacts& facts);

// One line, schema 1: docs/oci.md. What is not known is null.
std::string render_oci_json(const std::string& folder, const OciLayoutFacts& facts,
                            std::span<const Diagnostic> problems);

}  // namespace wasmpack
