// Reads tar archives: the form in which TVM's export_library hands out its objects.
//
// Source: POSIX.1-2017, pax, "ustar Interchange Format", and GNU's long names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct TarMember {
  std::string name;
  Bytes content;  // a view into the archive
};

bool is_tar(Bytes bytes);

// The regular files, in the archive's order; folders are passed over, of a file's pax header the
// path is taken. Links, sparse files and the like are errors: what they stand for would be lost; so
// is the 100,001st file. `file` names the archive in errors, which carry the offset of the header.
Result<std::vector<TarMember>> read_tar(Bytes bytes, std::string_view file);

}  // namespace wasmpack
