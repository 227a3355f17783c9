// The init mode `snapshot`: runs the ctor chain of a finished module at pack time and writes what
// it left in memory and globals into the module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct SnapshotLimits {
  // That many take about 200 s in wabt's interpreter, and are the same on every machine.
  uint64_t instructions = 10'000'000'000;
  // Of linear memory. While it grows, the interpreter holds up to three times as much.
  uint64_t memory_bytes = uint64_t{1} << 30;
  // Of the data section. Beyond this, computing the data at run time is cheaper than loading it.
  uint64_t segment_bytes = uint64_t{256} << 20;
  size_t segments = 100'000;  // engines load no more (WebAssembly JavaScript Interface, limits)
  // The net below the instructions: one memory.fill counts as one of them.
  unsigned cpu_seconds = 600;
};

// `module` is a valid module that exports `memory` and `_initialize`, linked with --stack-first if
// it has a stack. The result is that module after one call of `_initialize`: memory has its size
// and content from then, except that the dead part of the stack is zero, and mutable globals have
// their values. Everything else stays byte for byte; of the `name` section the names of data
// segments go, since there are other segments now.
//
// Floating point results have the bits that this machine computes, NaNs included; on one kind of
// machine the result has the same bytes every time.
//
// Nothing and errors in `sink` if a snapshot cannot express what the constructors do, with the
// constructor's name: docs/snapshot.md lists the reasons.
std::optional<std::vector<uint8_t>> take_snapshot(Bytes module, const SnapshotLimits& limits,
                                                  DiagnosticSink& sink);

}  // namespace wasmpack
