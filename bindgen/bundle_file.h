// A bundle from a file, for the commands that take one.
#pragma once

#include "object/object.h"
#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

// The module in the file, which must outlive it. Whatever is no finished core module is refused
// with what it is; whether it is a bundle, describe_bundle() says.
Result<Object> read_bundle_file(const InputFile& file);

}  // namespace wasmpack
