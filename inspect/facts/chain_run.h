// Confirms by running a module what its code tells of the ctor chain: `inspect --run`.
#pragma once

#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// Counts in wabt's interpreter, in a child process with limits, how often the exported functions of
// a finished module run the chain, and enters that into `facts.init.runs`: what is counted stands
// in place of what was read, and where they differ the reason says so. Behind a trap nothing is
// counted, and what was read stays. Does nothing if the chain is
// not known, or the file is no finished module.
//
// Functions are called with zeros as arguments, imported functions return zeros, and other imports
// are fresh ones of the declared type. A module whose memories are larger than
// kMaxMemoryRun at the start is not run. At most kMaxInstructionsRun instructions are run, for at
// most kMaxExportsRun exports: first those of which the code tells anything but that they run no
// constructors.
void confirm_runs(const Object& object, Facts& facts);

inline constexpr uint64_t kMaxMemoryRun = uint64_t{256} << 20;      // bytes
inline constexpr uint64_t kMaxInstructionsRun = uint64_t{1} << 26;  // of all calls together
inline constexpr size_t kMaxExportsRun = 1000;

}  // namespace wasmpack
