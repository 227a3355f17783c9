#include "packager/check_module.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "packager/child_process.h"
#include "packager/signature.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

class ModuleChecker {
 public:
  ModuleChecker(const Object& module, const Manifest& manifest, DiagnosticSink& sink)
      : module_(module), manifest_(manifest), sink_(sink) {}

  void check_exports(std::span<const Kernel* const> kernels) {
    std::map<std::string_view, std::pair<ExternKind, std::string_view>> expected;
    for (const ContractExport& entry : contract_exports())
      expected.emplace(entry.name, std::pair(entry.kind, entry.signature));
    if (manifest_.bundle.export_kernels) {
      for (const Kernel* kernel : kernels) {
        expected.emplace(kernel->name,
                         std::pair(ExternKind::function, std::string_view(kernel->signature)));
      }
    }
    for (const Export& entry : module_.exports) {
      const auto declared = expected.find(entry.name);
      if (declared == expected.end()) {
        report("stray-export", "the final link exports `" + std::string(entry.name) +
                                   "`, which is neither a kernel nor part of the contract");
        continue;
      }
      const auto [kind, signature] = declared->second;
      expected.erase(declared);
      if (entry.kind == kind && (kind != ExternKind::function || signature_of(entry) == signature))
        continue;
      report("wrong-export", "the export `" + std::string(entry.name) +
                                 "` of the final link has another type than declared");
    }
    for (const auto& [name, type] : expected)
      report("missing-export", "the final link does not export `" + std::string(name) + "`");
  }

  void check_imports(const UndefinedFunctions& undefined) {
    const PatternList allowed = PatternList::create(manifest_.bundle.allow_imports, "allow-imports")
                                    .value_or(PatternList());
    const bool any_function = manifest_.bundle.undefined == UndefinedPolicy::import;
    for (const Import& import : module_.imports) {
      const std::string place = std::string(import.module) + "." + std::string(import.field);
      if (allowed.matches(place)) continue;
      if (any_function && import.kind == ExternKind::function && undefined.any_import) continue;
      report("import-not-allowed",
             "the bundle would import the " + std::string(extern_kind_name(import.kind)) + " `" +
                 place + "`",
             "allow it with `allow-imports` in [bundle], or add a library that defines it");
    }
  }

  void check_memory() {
    if (module_.start) report("start-function", "the final link made a start function");
    if (module_.has_dylink) report("dylink", "the final link made a shared library");
    if (module_.memories.size() != 1 || module_.imported_count(ExternKind::memory) != 0)
      report("memory", "the final link did not define exactly one memory");
    for (const Limits& memory : module_.memories) {
      if (memory.is_shared || memory.is64)
        report("memory", "the final link made a shared or a 64-bit memory");
    }
  }

 private:
  std::string signature_of(const Export& entry) const {
    return signature_letters(module_.types[module_.function_type(entry.index)]).value_or("");
  }

  void report(std::string_view id, std::string message, std::string help = {}) {
    sink_.report(fail(id, {.file = manifest_.path}, std::move(message), std::move(help)).value());
  }

  const Object& module_;
  const Manifest& manifest_;
  DiagnosticSink& sink_;
};

}  // namespace

void check_module(const Object& module, const Manifest& manifest,
                  std::span<const Kernel* const> kernels, const UndefinedFunctions& undefined,
                  DiagnosticSink& sink) {
  ModuleChecker checker(module, manifest, sink);
  checker.check_exports(kernels);
  checker.check_imports(undefined);
  checker.check_memory();
}

void validate_module(Bytes module, DiagnosticSink& sink) {
  ChildRun run;
  run.input = module;
  run.limits.memory_bytes += 64 * module.size();
  Result<ChildResult> result = run_child("wasmpack-wabt", run);
  if (!result) return sink.report(std::move(result.error()));
  if (result->exit_code == 0) return;
  // Its first line is what counts: it stops at the first error.
  const std::string line = result->messages.substr(0, result->messages.find('\n'));
  Diagnostic diagnostic =
      fail("invalid-module", {}, "the module that was made is not valid: " + line).value();
  if (line.find("unexpected opcode") != std::string::npos) {
    diagnostic.id = "not-validated";
    diagnostic.severity = Severity::note;
    diagnostic.message =
        "wabt does not know an instruction of the module, so it was not validated: " + line;
  }
  sink.report(std::move(diagnostic));
}

}  // namespace wasmpack
