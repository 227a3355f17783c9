// A tar file as an input of the command: what stands for its members.
#pragma once

#include <optional>
#include <vector>

#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

// The regular files of a tar archive, as it is or packed with gzip, in its order: "x.tar(lib0.o)"
// is the name of one. Nothing if `file` is neither. At most 100,000 files, and 512 MiB unpacked.
Result<std::optional<std::vector<InputFile>>> unpack_tar_file(const InputFile& file);

}  // namespace wasmpack
