// Which outputs of a command may not have the names that they were given.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "support/diagnostic.h"

namespace wasmpack {

// Errors with the id "usage" for outputs that would take the place of another one, or of a file of
// `inputs`; by whatever path they name it. "-", "" and what is no regular file (/dev/null, a pipe)
// replace nothing.
std::vector<Diagnostic> check_output_names(std::span<const std::string> outputs,
                                           std::span<const std::string> inputs);

}  // namespace wasmpack
