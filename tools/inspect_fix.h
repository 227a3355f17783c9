// `wasmpack inspect --fix ctors=MODE -o OUT FILE`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/repair/repair_plan.h"
#include "tools/report.h"

namespace wasmpack {

struct FixOptions {
  std::optional<RepairMode> mode;
  std::string output;
};

// Adds --fix and -o.
void add_fix_options(CLI::App& app, FixOptions& options);

// Repairs the one file that is given, and says on stderr what was done. The exit code; unless it is
// 0, nothing was written.
int run_fix(const std::vector<std::string>& files, const FixOptions& options,
            const ReportOptions& report);

}  // namespace wasmpack
