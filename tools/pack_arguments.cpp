#include "tools/pack_arguments.h"

#include <CLI/CLI.hpp>

namespace wasmpack {

void add_pack_options(CLI::App& app, PackArguments& arguments) {
  app.add_option(
      "FILE", arguments.files,
      "The bundle's manifest (default: wasmpack.toml), or objects and archives: a library "
      "each");
  app.add_option(
         "-o,--output", arguments.output,
         "The module to write (default: the package's name with .wasm); - is standard output")
      ->type_name("FILE");
  app.add_option("--kernel", arguments.kernels,
                 "Without a manifest: a symbol or pattern that becomes a kernel (default: all that "
                 "the libraries offer)")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_flag("--init", arguments.init,
               "Write a commented manifest for the given libraries (default: to wasmpack.toml)");
  app.add_flag("--allow-outside", arguments.pack.allow_outside,
               "Inputs of the manifest may lie outside of its folder");
  app.add_option("--wasm-opt", arguments.pack.wasm_opt,
                 "A wasm-opt program to optimize with, in place of the built-in Binaryen")
      ->type_name("FILE")
      ->envname("WASM_OPT");
  app.add_option("--depfile", arguments.depfile, "Write a make rule with all input files")
      ->type_name("FILE");
  app.add_option("--map", arguments.map, "Write what lies where in the module, before optimization")
      ->type_name("FILE");
  app.add_flag("-n,--dry-run", arguments.pack.plan_only,
               "Print kernels, constructors and their order; write nothing");
  app.add_flag("-v,--verbose", arguments.verbose,
               "Say what was packed and how long each phase took");
  app.add_option("--threads", arguments.threads, "Threads to use; 0: one per core");
  add_report_options(app, arguments.report);
}

}  // namespace wasmpack
