// Manual pages (roff with the man macros) from the tables that the help is made of.
#pragma once

#include <string>

#include "tools/help_page.h"

namespace wasmpack {

// wasmpack(1): the commands, environment and exit codes.
std::string render_overview_manual();
// wasmpack-COMMAND(1).
std::string render_manual(const HelpPage& page);
// wasmpack-manifest(5): every key of a bundle's manifest.
std::string render_manifest_manual();

}  // namespace wasmpack
