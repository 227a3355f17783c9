#include "tools/pack_arguments.h"

#include <CLI/CLI.hpp>

#include "tools/oci_arguments.h"

namespace wasmpack {
namespace {

constexpr char kFooter[] =
    "Patterns are globs (* ? [...]) over what the libraries offer. 'wasmpack pack --list-keys' has "
    "the keys\n"
    "of manifests, docs/manifest.md what they mean.\n\n"
    "Examples:\n"
    "  wasmpack pack kernels.toml -o kernels.wasm\n"
    "  wasmpack pack conv.o libpool.a --kernel 'conv_*' --kernel max_pool -o kernels.wasm\n"
    "  wasmpack pack --init conv.o libpool.a\n"
    "  wasmpack pack --dry-run\n"
    "  wasmpack pack kernels.toml --oci layout --oci-tag 1.0.0\n";

}  // namespace

void add_pack_options(CLI::App& app, PackArguments& arguments) {
  app.footer(kFooter);
  app.add_option("FILE", arguments.files,
                 "One manifest (default: wasmpack.toml), or objects and archives, each a library")
      ->type_name("");
  app.add_option("-o,--output", arguments.output,
                 "The module (default: the package's name with .wasm); - is standard output")
      ->type_name("FILE");
  app.add_option("--kernel", arguments.kernels,
                 "Without a manifest: a symbol or pattern that becomes a kernel (default: all that "
                 "the libraries offer); may be given again")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_flag("--init", arguments.init,
               "Write a commented manifest for the given libraries, to wasmpack.toml or -o");
  app.add_flag("--allow-outside", arguments.pack.allow_outside,
               "Inputs and params of the manifest may lie outside of its folder");
  app.add_option("--wasm-opt", arguments.pack.wasm_opt,
                 "Path of a wasm-opt that optimizes in place of the built-in Binaryen")
      ->type_name("FILE")
      ->envname("WASM_OPT");
  app.add_option("--depfile", arguments.depfile, "Write a make rule with all files that were read")
      ->type_name("FILE");
  app.add_option("--map", arguments.map, "Write what lies where in the module, before optimization")
      ->type_name("FILE");
  CLI::Option* oci =
      app.add_option(
             "--oci", arguments.oci,
             "Write an OCI layout for registries into this folder and print its digest; without "
             "-o no other module")
          ->type_name("DIR");
  add_oci_options(app, "--oci-tag", "--oci-media-types", arguments.oci_options);
  for (const char* name : {"--oci-tag", "--oci-media-types"}) app.get_option(name)->needs(oci);
  app.add_flag("-n,--dry-run", arguments.pack.plan_only,
               "Print libraries, kernels, params and the order of constructors; write nothing");
  app.add_flag("--list-keys{text}", arguments.list_keys,
               "Print the keys of manifests; =markdown: the tables of docs/manifest.md")
      ->check(one_of({"text", "markdown"}));
  app.add_flag("-v,--verbose", arguments.verbose,
               "Say what was packed and how long each phase took");
  app.add_option("--threads", arguments.threads, "Threads to use; 0: one per core")->type_name("N");
  add_report_options(app, arguments.report);
}

}  // namespace wasmpack
