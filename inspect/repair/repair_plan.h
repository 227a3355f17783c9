// `--fix ctors=...`: what is wrong with a module's ctor chain and what is to be done, or why not.
//
// The chain is run by a guard, an appended function that runs it at its first call only. In the
// place of wasm-ld's command wrappers, which run it at every call, exports get the functions that
// were wrapped. docs/repair.md says what users see of it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"
#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

enum class RepairMode : uint8_t {
  initialize,  // the host calls `_initialize`
  start,       // the start section runs the chain
  lazy,        // each exported function runs the chain first
};
std::string_view repair_mode_name(RepairMode mode);

enum class ExportAction : uint8_t {
  keep,
  retarget,  // to `ExportPlan::function`, which its wrapper calls
  guard,     // to the guard
  check,     // to a new function that calls the guard and then `ExportPlan::function`
};

// What becomes of an exported function.
struct ExportPlan {
  uint32_t position;  // in Object::exports
  uint32_t function;
  ExportAction action = ExportAction::keep;
};

struct RepairPlan {
  RepairMode mode;
  uint32_t chain;
  // What the guard runs once: the chain, or an `_initialize` that leads to it and does more.
  uint32_t initializer;
  // A host that is called while the chain runs may call back: then "running" is no sign of a trap.
  bool imports_functions;
  std::vector<ExportPlan> exports;  // of all exported functions
  bool adds_initialize = false;     // the guard is exported under that name
  bool sets_start = false;
  uint32_t undone_wrappers = 0;
  // What the result does otherwise than one may expect.
  std::vector<Diagnostic> warnings;
};

// `facts` are those of `module`. An error has the id `nothing-to-fix` (there are no constructors,
// or nothing is wrong with them) or `fix-refused`, with the reason and a way out. Reads all code
// that can run.
Result<RepairPlan> plan_repair(const Object& module, const Facts& facts, RepairMode mode);

}  // namespace wasmpack
