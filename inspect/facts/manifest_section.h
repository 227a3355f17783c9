// Reads the `wasmpack.manifest` custom section of a bundle: its name and the kernels it offers.
#pragma once

#include "inspect/facts/facts.h"
#include "support/bytes.h"

namespace wasmpack {

// `content` is the section's: JSON, written by `pack` but not trusted here. Never fails: what is
// wrong with it goes to BundleFacts::problem.
BundleFacts read_manifest_section(Bytes content);

}  // namespace wasmpack
