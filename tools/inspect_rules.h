// The demands of `wasmpack inspect`'s command line: --check, --expect, --expect-kind.
#pragma once

#include <optional>

#include "inspect/checks/rules.h"
#include "support/diagnostic.h"
#include "tools/inspect_arguments.h"

namespace wasmpack {

// Reads the files that the options name. Nothing if one cannot be read or is wrong; `sink` has why.
std::optional<Rules> read_demands(const CheckOptions& options, DiagnosticSink& sink);

// Prints what `--list-checks` asks for; the exit code.
int list_checks(const CheckOptions& options, const ReportOptions& report);

}  // namespace wasmpack
