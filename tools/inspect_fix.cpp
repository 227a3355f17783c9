#include "tools/inspect_fix.h"

#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "inspect/facts/facts.h"
#include "inspect/repair/repair_module.h"
#include "object/file_kind.h"
#include "object/read.h"
#include "object/validate.h"
#include "support/input_file.h"
#include "support/output_file.h"

namespace wasmpack {
namespace {

constexpr std::string_view kPrefix = "ctors=";
constexpr RepairMode kModes[] = {RepairMode::initialize, RepairMode::start, RepairMode::lazy};

std::optional<RepairMode> parse_mode(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  for (const RepairMode mode : kModes)
    if (text.substr(kPrefix.size()) == repair_mode_name(mode)) return mode;
  return std::nullopt;
}

// The bytes to write, and what was done to get them.
struct Repaired {
  std::vector<uint8_t> bytes;
  std::vector<Diagnostic> messages;
};

Diagnostic make_note(std::string_view id, std::string file, std::string message) {
  Diagnostic note = fail(id, {.file = std::move(file)}, std::move(message)).value();
  note.severity = Severity::note;
  return note;
}

Result<Repaired> repair(const Object& module, RepairMode mode) {
  const Facts facts = gather_facts(module);
  Result<RepairPlan> plan = plan_repair(module, facts, mode);
  if (!plan) return tl::unexpected(std::move(plan.error()));
  // First of all the input: what is added could make an index valid that was out of range.
  Validation before = validate_module(module.bytes);
  if (before.failure) return tl::unexpected(std::move(*before.failure));
  if (before.state == ModuleState::invalid) {
    return fail("invalid-module", {.file = std::string(module.file), .offset = before.offset},
                "the module is not valid, so it was not repaired: " + before.message,
                "make it again with its compiler");
  }
  Repaired repaired{write_repaired(module, *plan), std::move(plan->warnings)};
  const Result<Object> result = read_object(repaired.bytes, module.file);
  if (!result) return tl::unexpected(result.error());
  if (Result<void> checked = check_repaired(module, *result, *plan); !checked)
    return tl::unexpected(std::move(checked.error()));
  Validation after = validate_module(repaired.bytes);
  if (after.failure) return tl::unexpected(std::move(*after.failure));
  if (after.state != before.state) {
    return fail("invalid-module", {.file = std::string(module.file)},
                "the repair went wrong, nothing was written: " + after.message,
                "please report it with the module");
  }
  if (after.state == ModuleState::not_validated) {
    repaired.messages.push_back(make_note(
        "not-validated", std::string(module.file),
        "wabt does not know something in the module, so it was not validated: " + after.message));
  }
  repaired.messages.push_back(
      make_note("fixed", std::string(module.file), describe_repair(module, *plan)));
  return repaired;
}

int fail_with(const Diagnostic& problem, const ReportOptions& report, int exit_code) {
  print_diagnostic(problem, report);
  return exit_code;
}

}  // namespace

void add_fix_options(CLI::App& app, FixOptions& options) {
  CLI::Option* output =
      app.add_option("-o,--output", options.output, "The repaired module; - is standard output")
          ->type_name("OUT")
          ->group("Repair");
  CLI::Option* fix =
      app.add_option_function<std::string>(
             "--fix", [&options](const std::string& text) { options.mode = parse_mode(text); },
             "Repair a finished module whose constructors never run, or run at every call: "
             "ctors=initialize (the host calls _initialize), ctors=start (at instantiation) or "
             "ctors=lazy (at the first call of any export)")
          ->type_name("ctors=MODE")
          ->check([](const std::string& text) {
            return parse_mode(text)
                       ? std::string()
                       : "'" + text + "' is none of ctors=initialize, ctors=start, ctors=lazy";
          })
          ->group("Repair");
  fix->needs(output)->excludes(app.get_option("--json"));
  output->needs(fix);
}

int run_fix(const std::vector<std::string>& files, const FixOptions& options,
            const ReportOptions& report) {
  if (files.size() != 1) {
    return fail_with(
        fail("usage", {},
             "--fix repairs one file, and " + std::to_string(files.size()) + " are given",
             "repair them one by one, each with its own -o")
            .value(),
        report, kExitUsage);
  }
  const Result<InputFile> file = InputFile::open(files.front());
  if (!file) return fail_with(file.error(), report, kExitUsage);
  Result<Repaired> repaired;
  if (const FileKind kind = identify_file(file->bytes()); kind == FileKind::component) {
    repaired = tl::unexpected(
        plan_repair({}, make_component_facts(file->bytes(), file->path(), {}), *options.mode)
            .error());
  } else if (kind == FileKind::archive || kind == FileKind::thin_archive) {
    repaired = fail("fix-refused", {.file = file->path()},
                    "cannot be repaired: it is an archive of objects",
                    "`wasmpack link --init-guard` makes one object of it whose constructors run "
                    "once");
  } else {
    if (kind != FileKind::object && kind != FileKind::module && kind != FileKind::shared &&
        kind != FileKind::truncated) {
      return fail_with(describe_wrong_input(kind, {.file = file->path()}, file->bytes()), report,
                       kExitUsage);
    }
    const Result<Object> module = read_object(file->bytes(), file->path());
    if (!module) return fail_with(module.error(), report, kExitUsage);
    repaired = repair(*module, *options.mode);
  }
  if (!repaired) return fail_with(repaired.error(), report, kExitFailed);
  if (Result<void> written = write_whole_file(options.output, repaired->bytes); !written)
    return fail_with(written.error(), report, kExitFailed);
  print_diagnostics(repaired->messages, report);
  return kExitDone;
}

}  // namespace wasmpack
