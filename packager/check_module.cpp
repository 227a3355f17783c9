#include "packager/check_module.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "object/function_calls.h"
#include "object/name_section.h"
#include "object/validate.h"
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
    for (const ContractExport& entry : contract_exports(manifest_.bundle))
      expected.emplace(entry.name, std::pair(entry.kind, entry.signature));
    for (const Kernel* kernel : kernels) {
      if (!is_exported(manifest_, *kernel)) continue;
      expected.emplace(kernel->name,
                       std::pair(ExternKind::function, std::string_view(kernel->signature)));
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
    constexpr std::string_view kLoaders[] = {"dlopen", "dlsym"};
    for (const Import& import : module_.imports) {
      if (std::ranges::find(kLoaders, import.field) != std::end(kLoaders)) {
        report("dlopen-needed",
               "the bundle would import `" + std::string(import.field) +
                   "`: a bundle loads nothing at run time",
               "add the library that is to be loaded to the bundle, and find its kernels through "
               "the registry");
        continue;
      }
      const std::string place = std::string(import.module) + "." + std::string(import.field);
      const std::span<const std::string_view> own = adapter_imports(manifest_.bundle);
      if (import.kind == ExternKind::function && std::ranges::find(own, place) != own.end())
        continue;
      if (allowed.matches(place)) continue;
      if (manifest_.bundle.import_memory && import.kind == ExternKind::memory &&
          place == "env.memory")
        continue;
      if (any_function && import.kind == ExternKind::function && undefined.any_import) continue;
      report("import-not-allowed",
             "the bundle would import the " + std::string(extern_kind_name(import.kind)) + " `" +
                 place + "`",
             "allow it with `allow-imports` in [bundle], or add a library that defines it");
    }
  }

  // With imported memory lld makes a start function of its own, which clears .bss: the memory that
  // the host gives need not be zero.
  void check_memory() {
    const bool is_imported = manifest_.bundle.import_memory;
    if (module_.start && !is_imported)
      report("start-function", "the final link made a start function");
    if (module_.has_dylink) report("dylink", "the final link made a shared library");
    std::vector<Limits> memories = module_.memories;
    for (const uint32_t import : module_.imported[static_cast<size_t>(ExternKind::memory)])
      memories.push_back(module_.imports[import].memory);
    if (memories.size() != 1 || module_.memories.size() != (is_imported ? 0 : 1))
      report("memory", "the final link did not make exactly one memory");
    for (const Limits& memory : memories) {
      if (memory.is_shared || memory.is64)
        report("memory", "the final link made a shared or a 64-bit memory");
    }
  }

  // lld leaves out a constructor only if its object is not part of the link; if that ever happens,
  // better no bundle.
  void check_chain(uint32_t ctor_count) {
    const std::vector<std::string_view> names = read_name_section(module_).functions;
    const auto chain = std::ranges::find(names, "__wasm_call_ctors");
    FunctionCalls calls;
    if (chain != names.end())
      calls =
          find_function_calls(module_.function_body(static_cast<uint32_t>(chain - names.begin())));
    const std::vector<uint32_t>& callees = calls.callees;
    if (calls.is_complete && calls.is_plain && callees.size() == ctor_count) return;
    report("ctor-chain", "the final link's ctor chain calls " + std::to_string(callees.size()) +
                             " functions, but the libraries have " + std::to_string(ctor_count) +
                             " constructors");
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
                  uint32_t ctor_count, DiagnosticSink& sink) {
  ModuleChecker checker(module, manifest, sink);
  checker.check_exports(kernels);
  checker.check_imports(undefined);
  checker.check_chain(ctor_count);
  checker.check_memory();
}

void validate_module(Bytes module, DiagnosticSink& sink) {
  Validation validation = validate_module(module);
  if (validation.state == ModuleState::valid) return;
  if (validation.failure) return sink.report(std::move(*validation.failure));
  std::string reason = validation.message;
  if (validation.offset) {
    char place[32];
    std::snprintf(place, sizeof place,
                  "0x%llx: ", static_cast<unsigned long long>(*validation.offset));
    reason.insert(0, place);
  }
  Diagnostic diagnostic =
      fail("invalid-module", {}, "the module that was made is not valid: " + reason).value();
  if (validation.state == ModuleState::not_validated && validation.is_understood) {
    diagnostic.id = "not-validated";
    diagnostic.severity = Severity::note;
    diagnostic.message =
        "wabt does not know an instruction of the module, so it was not validated: " + reason;
  }
  sink.report(std::move(diagnostic));
}

}  // namespace wasmpack
