// Questions about a finished module's constructors that several checks ask. Each state of a module
// is reported by one check only: see docs/checks.md, ctor-unreachable and init-missing.
#pragma once

#include "inspect/checks/check.h"
#include "inspect/facts/facts.h"
#include "support/diagnostic.h"

namespace wasmpack {

// A module or bundle whose ctor chain is known and not empty. Constructors of objects are run by
// what the final link makes, those of shared modules by the dynamic loader.
bool has_module_constructors(const Facts& facts);

// Whether the start section or one of those two leads to the chain.
bool is_run_by_convention(const InitFacts& init);

// Whether some export is one of wasm-ld's command wrappers.
bool has_wrappers(const InitFacts& init);

// Another help where `--fix` would refuse: destructors, shared memory, no names, a command.
void choose_help(const CheckInput& input, Diagnostic& finding);

// Makes a finding about a chain that no name told a warning at most, and says so.
void soften_by_shape(const InitFacts& init, Diagnostic& finding);

}  // namespace wasmpack
