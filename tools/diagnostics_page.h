// docs/diagnostics.md as it was when the command was built: a section `## id` for each diagnostic.
#pragma once

#include <string_view>

namespace wasmpack {

std::string_view diagnostics_page();

}  // namespace wasmpack
