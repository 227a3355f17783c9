// Fields of CSV that hold names from hostile files.
#pragma once

#include <string>
#include <string_view>

namespace wasmpack {

// One field by RFC 4180, quoted where it must be. Control characters are escaped; what a
// spreadsheet would run as a formula gets a `'` before it.
std::string csv_field(std::string_view text);

}  // namespace wasmpack
