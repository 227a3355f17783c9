// Writes a module anew with the state of a snapshot in it.
#pragma once

#include <cstdint>
#include <vector>

#include "object/object.h"
#include "packager/snapshot.h"
#include "packager/snapshot_run.h"
#include "support/diagnostic.h"

namespace wasmpack {

// See take_snapshot(). The error is a data section beyond the budget.
Result<std::vector<uint8_t>> write_snapshot(const Object& module, const InstanceState& state,
                                            const SnapshotLimits& limits);

}  // namespace wasmpack
