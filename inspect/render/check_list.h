// The table of checks as text: `--list-checks`, and docs/checks.md, which is made from it.
#pragma once

#include <span>
#include <string>

#include "inspect/checks/check.h"

namespace wasmpack {

// Id, severity and reason, one check a line.
std::string render_check_list(std::span<const Check* const> checks);
// docs/checks.md.
std::string render_check_pages(std::span<const Check* const> checks);

}  // namespace wasmpack
