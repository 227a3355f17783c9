#include "inspect/repair/refusals.h"

#include <algorithm>

#include "inspect/facts/guard_body.h"

namespace wasmpack {
namespace {

bool has_shared_memory(const Object& module) {
  const bool is_defined =
      std::ranges::any_of(module.memories, [](const Limits& memory) { return memory.is_shared; });
  return is_defined || std::ranges::any_of(module.imports, [](const Import& import) {
           return import.kind == ExternKind::memory && import.memory.is_shared;
         });
}

bool is_repaired(const Object& module, const InitFacts& init) {
  const auto is_guard = [&module](uint32_t function) {
    return read_guard_body(module.function_body(function)).has_value();
  };
  // Without names a guard may look like a chain.
  if (is_guard(*init.function)) return true;
  return std::ranges::any_of(init.callers, [&](const ChainCaller& caller) {
    return is_guard(caller.function) ||
           std::ranges::any_of(caller.path, is_guard, &FunctionRef::index);
  });
}

std::optional<Diagnostic> refuse_kind(const Facts& facts) {
  switch (facts.kind) {
    case WasmKind::object:
      return refuse_fix(facts, "it is an object: its constructors are called when it is linked",
                        "`wasmpack link --init-guard` makes its constructors run once, and gives "
                        "it an `_initialize`")
          .value();
    case WasmKind::shared:
      return refuse_fix(facts,
                        "it is a shared module: the dynamic loader that takes it in runs its "
                        "constructors",
                        "repair the loader, or link the libraries into one module with "
                        "`wasmpack pack`")
          .value();
    case WasmKind::component:
      return refuse_fix(facts, "it is a component, which is made of modules",
                        "repair the module that it was made of, and make the component anew")
          .value();
    case WasmKind::bundle:
      return nothing_to_fix(facts,
                            "it is a bundle of `wasmpack pack`: its constructors are guarded",
                            "`init = \"initialize\"`, `\"start\"` or `\"lazy\"` in its manifest "
                            "says when they run")
          .value();
    case WasmKind::module:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::string quote_name(std::string_view name) {
  constexpr size_t kLongest = 200;
  if (name.size() <= kLongest) return '`' + std::string(name) + '`';
  return '`' + std::string(name.substr(0, kLongest)) + "...`";
}

tl::unexpected<Diagnostic> refuse_fix(const Facts& facts, std::string reason, std::string help) {
  return fail("fix-refused", {.file = facts.file, .member = facts.member},
              "cannot be repaired: " + std::move(reason), std::move(help));
}

tl::unexpected<Diagnostic> nothing_to_fix(const Facts& facts, std::string reason,
                                          std::string help) {
  return fail("nothing-to-fix", {.file = facts.file, .member = facts.member},
              "nothing to repair: " + std::move(reason), std::move(help));
}

std::optional<Diagnostic> find_refusal(const Object& module, const Facts& facts) {
  if (std::optional<Diagnostic> refusal = refuse_kind(facts)) return refusal;
  const InitFacts& init = facts.init;
  if (has_shared_memory(module)) {
    return refuse_fix(facts,
                      "its memory is shared: each thread has an instance of its own, and a guard "
                      "in one cannot tell that another has run the constructors",
                      std::string(kRelink) + ", which one thread calls")
        .value();
  }
  if (init.model == InitModel::command) {
    return refuse_fix(facts,
                      "it is a command: `_start` runs the constructors and the program, and all "
                      "is over when it returns",
                      "for a library that a host calls into, link without `_start` "
                      "(--no-entry, or -mexec-model=reactor)")
        .value();
  }
  if (init.chain == ChainState::absent) return nothing_to_fix(facts, init.reason).value();
  if (init.chain == ChainState::unknown || !init.function) {
    return refuse_fix(
               facts,
               init.chain == ChainState::unknown ? init.reason : "its ctor chain is an import",
               "repair it before its names are stripped, or link it with "
               "--export=__wasm_call_ctors")
        .value();
  }
  if (is_repaired(module, init)) {
    return nothing_to_fix(facts, "wasmpack has repaired it already: its constructors run once")
        .value();
  }
  if (facts.constructors.empty() && init.is_plain && init.is_complete)
    return nothing_to_fix(facts, "its ctor chain calls no constructor").value();
  const FuncType& type = module.types[module.function_type(*init.function)];
  if (!type.is_function || !type.params.empty() || !type.results.empty()) {
    return refuse_fix(facts,
                      "the function `__wasm_call_ctors` has parameters or results, so it is no "
                      "ctor chain",
                      "call it from the host as its authors say")
        .value();
  }
  return std::nullopt;
}

}  // namespace wasmpack
