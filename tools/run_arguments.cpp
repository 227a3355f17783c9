#include "tools/run_arguments.h"

#include <cmath>

#include <CLI/CLI.hpp>

#include "runner/argument.h"

namespace wasmpack {
namespace {

constexpr double kMostSeconds = 86'400;

CLI::Option* add_bench_options(CLI::App& app, RunOptions& options) {
  constexpr const char* kGroup = "Measuring";
  CLI::Option* bench =
      app.add_flag("--bench", options.bench, "Call it many times; the times as JSON")
          ->group(kGroup);
  app.add_option("--warmup", options.warmup, "Runs that are not measured (3)")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N")
      ->needs(bench)
      ->group(kGroup);
  app.add_option("--repeat", options.repeat, "Runs that are measured (10)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->needs(bench)
      ->group(kGroup);
  app.add_option("--inner", options.inner, "Calls in one run, for kernels that are fast (1)")
      ->check(CLI::Range(1, 1'000'000'000))
      ->type_name("N")
      ->needs(bench)
      ->group(kGroup);
  return bench;
}

}  // namespace

void add_run_options(CLI::App& app, RunOptions& options) {
  CLI::Option* module = app.add_option("MODULE", options.module,
                                       "A bundle that `wasmpack pack` made; - is standard input");
  CLI::Option* kernel = app.add_option("KERNEL", options.kernel, "A kernel's name in the registry");
  app.add_option("ARG", options.arguments,
                 "Numbers 3, -1.5, 0x10, nan; tensors x.npy, in:FILE, inout:x.npy, "
                 "out:float32[4,4], or out as the manifest declares it; null");
  CLI::Option* output =
      app.add_option("-o,--output", options.outputs,
                     "A .npy file for the first output tensor, again for the next one")
          ->type_name("FILE")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  CLI::Option* list = app.add_flag("--list", options.list, "List the kernels and call nothing");
  CLI::Option* calls =
      app.add_option("--calls", options.calls,
                     "Many calls from a file, a JSON array [\"MODULE\",\"KERNEL\",\"ARG\",...] a "
                     "line; a JSON object a line for each; - is standard input")
          ->type_name("FILE");
  calls->excludes(module)->excludes(output)->excludes(list);
  list->excludes(kernel)->excludes(output);
  app.add_option("--engine", options.engine, "interp (default), node or wasmtime")
      ->type_name("NAME")
      ->check(one_of({"interp", "node", "wasmtime"}));
  app.add_option("--timeout", options.timeout, "Seconds that one run may take (60)")
      ->type_name("SECONDS")
      ->check([](const std::string& value) {
        const ParsedNumber number = parse_number(value, 'F');
        const double seconds = std::strtod(value.c_str(), nullptr);
        return !number.bits.empty() && seconds >= 0.001 && seconds <= kMostSeconds
                   ? std::string()
                   : "'" + value + "' is no number of seconds from 0.001 to 86400";
      });
  app.add_option("--imports", options.imports,
                 "What an imported function does: trap (default), or give zeros: zero")
      ->type_name("WHAT")
      ->check(one_of({"trap", "zero"}));
  app.add_flag("--json", options.json, "The results as JSON");
  list->excludes(add_bench_options(app, options));
  add_report_options(app, options.report);
}

RunSettings run_settings(const RunOptions& options) {
  RunSettings settings;
  if (options.bench) {
    settings.warmup = options.warmup;
    settings.repeat = options.repeat;
    settings.inner = options.inner;
    settings.is_measured = true;
  }
  settings.timeout_ms = static_cast<uint32_t>(std::lround(options.timeout * 1000));
  settings.answer_imports = options.imports == "zero";
  return settings;
}

std::vector<std::string> protect_numbers(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.starts_with('-') && !parse_number(argument, 'F').bits.empty())
      argument.insert(0, 1, ' ');
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

std::string_view plain_argument(std::string_view argument) {
  return argument.starts_with(" -") ? argument.substr(1) : argument;
}

}  // namespace wasmpack
