// `wasmpack inspect --diff`, `--conflicts` and `--link-line`: questions about several files.
#pragma once

#include "tools/inspect_arguments.h"

namespace wasmpack {

// The exit code: 1 if there is a break, a collision or a finding that counts, 2 if a file or member
// cannot be read.
int run_inspect_compare(const InspectOptions& options);

}  // namespace wasmpack
