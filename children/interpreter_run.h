// The verb `run` of wasmpack-interpreter: counts how often calls of exported functions enter the
// ctor chain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

struct RunLimits {
  uint32_t chain;         // index of the function that is counted
  uint64_t instructions;  // of everything together, making instances included
  uint64_t pages;         // to which memories may grow
};

// For each of the exported functions at `positions` among the exports, in that order, makes a fresh
// instance and calls it twice, and another one in which `_initialize` is called before it.
// Arguments are zeros. Imported functions return zeros; other imports are fresh ones of the
// declared type.
//
// Standard output has a line for each:
//   POSITION FIRST AGAIN AFTER KIND CALL DETAIL
// with its position among the exports; how often the chain was entered after the first and the
// second call and after `_initialize` and a call, or "-" where that is not known, as after a trap;
// and the first trouble, KIND "-" for none: "trap", "exception", "instructions" or "instantiate",
// in CALL "start", "initialize", "first", "again" or "after".
//
// Returns 0. What keeps the module from being run at all ends the process: refuse().
int count_runs(const RunLimits& limits, const std::vector<size_t>& positions);
