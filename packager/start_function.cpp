#include "packager/start_function.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "object/function_calls.h"
#include "object/instructions.h"
#include "object/module_editor.h"
#include "object/name_section.h"
#include "object/object_assembler.h"

namespace wasmpack {
namespace {

class ImportFinder {
 public:
  explicit ImportFinder(const Object& module)
      : module_(module), names_(read_name_section(module).functions) {}

  void warn(DiagnosticSink& sink) {
    const auto chain = std::ranges::find(names_, "__wasm_call_ctors");
    if (chain == names_.end()) return;
    const Bytes body = module_.function_body(static_cast<uint32_t>(chain - names_.begin()));
    for (const uint32_t constructor : find_function_calls(body).callees) {
      const Import* import = find_import(constructor);
      if (import == nullptr) continue;
      Diagnostic warning =
          fail("start-imports", {},
               "the constructor `" + std::string(name_of(constructor)) + "` may call the import `" +
                   std::string(import->module) + "." + std::string(import->field) +
                   "` at instantiation, when the host has no memory to show it yet",
               "use init = \"initialize\", or keep the host out of constructors")
              .value();
      warning.severity = Severity::warning;
      sink.report(std::move(warning));
    }
  }

 private:
  std::string_view name_of(uint32_t function) const {
    return function < names_.size() ? names_[function] : std::string_view("?");
  }

  // The first import that calls from `start` lead to, breadth first.
  const Import* find_import(uint32_t start) const {
    std::vector<uint32_t> queue = {start};
    std::unordered_set<uint32_t> seen = {start};
    for (size_t i = 0; i < queue.size(); ++i) {
      if (queue[i] >= module_.function_count()) continue;
      if (const Import* import = module_.find_import(ExternKind::function, queue[i])) return import;
      for (const uint32_t callee : find_function_calls(module_.function_body(queue[i])).callees) {
        if (seen.insert(callee).second) queue.push_back(callee);
      }
    }
    return nullptr;
  }

  const Object& module_;
  const std::vector<std::string_view> names_;
};

}  // namespace

Result<std::vector<uint8_t>> add_start_function(const Object& module, std::string_view name) {
  const std::vector<std::string_view> names = read_name_section(module).functions;
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    return fail("start-function", {},
                "the final link's module has no function `" + std::string(name) + "`");
  }
  const auto target = static_cast<uint32_t>(found - names.begin());
  ModuleEdits edits;
  edits.start = target;
  if (module.start) {
    BodyWriter code;
    for (const uint32_t callee : {*module.start, target}) code.op(opcode::kCall).index(callee);
    code.op(opcode::kEnd);
    edits.start = module.function_count();
    edits.functions.push_back({module.function_type(target), code.without_locals(), {}});
  }
  return edit_module(module, edits);
}

void warn_of_imports(const Object& module, DiagnosticSink& sink) {
  ImportFinder(module).warn(sink);
}

}  // namespace wasmpack
