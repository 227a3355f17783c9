// The verb `call` of wasmpack-interpreter: calls kernels of bundles and measures that.
#pragma once

// Standard input has modules and calls, standard output gets what became of each:
// runner/engine_protocol.h. Instructions are counted. Returns 0; a module that cannot be read, or
// memory that runs out, ends the process: refuse().
int call_kernels();
