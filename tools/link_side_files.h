// Files that `wasmpack link` writes beside its output.
#pragma once

#include <string>
#include <vector>

#include "linker/link.h"

namespace wasmpack {

// --reproduce: a tar with every file that was read and a response.txt, under one folder; `wasmpack
// link @response.txt` inside it repeats the run. `words` is the command line.
Result<void> write_reproduction(const std::string& path, const std::vector<std::string>& words,
                                const std::vector<const InputFile*>& files);

}  // namespace wasmpack
