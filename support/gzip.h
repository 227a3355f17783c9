// Unpacks gzip: TVM's export_library("x.tar") compresses its tar files.
//
// Source: RFC 1952.
#pragma once

#include <cstddef>

#include "support/bytes.h"
#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

bool is_gzip(Bytes bytes);

// The content, under the name of `file`; several members are joined, as gzip does, and zeros may
// follow, as on a tape. More than
// `most_bytes` of it is an error: a file can hold a thousand times its own size. Errors (id
// "bad-gzip") name the file.
Result<InputFile> unpack_gzip(const InputFile& file, size_t most_bytes);

}  // namespace wasmpack
