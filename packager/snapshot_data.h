// Turns the memory of a snapshot into data segments.
#pragma once

#include <cstdint>
#include <vector>

#include "packager/snapshot.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct SnapshotData {
  uint32_t segments = 0;
  std::vector<uint8_t> content;  // of the data section
};

// `runs` as in InstanceState. What lies below `dead_end` is left out. Zeros between runs stay
// inside a segment where that is no longer than the header of another one, and where there would be
// more than limits.segments otherwise: then the shortest such gaps go first.
Result<SnapshotData> encode_snapshot_data(Bytes runs, uint32_t dead_end,
                                          const SnapshotLimits& limits);

}  // namespace wasmpack
