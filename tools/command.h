// The subcommands of `wasmpack`. Each gets its own argument vector, argv[0] being the command's
// name, and returns an exit code of tools/report.h. main.cpp has the table.
#pragma once

namespace wasmpack {

int run_link(int argc, char** argv);
int run_pack(int argc, char** argv);
int run_inspect(int argc, char** argv);
int run_bindgen(int argc, char** argv);
int run_run(int argc, char** argv);

}  // namespace wasmpack
