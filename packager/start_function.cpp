#include "packager/start_function.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "object/function_calls.h"
#include "object/instructions.h"
#include "object/name_section.h"
#include "object/write.h"

namespace wasmpack {
namespace {

// The content of a section that is a vector, with one more entry at its end.
ByteWriter append_entry(const Section& section, size_t count, Bytes entry) {
  Cursor cursor(section.content);
  cursor.read_varuint32();  // the old count
  ByteWriter content;
  content.write_varuint(count + 1);
  content.write_bytes(cursor.read_bytes(cursor.remaining()));
  content.write_bytes(entry);
  return content;
}

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
  uint32_t start = target;
  const bool is_new_function = module.start.has_value();
  ByteWriter body, function_type;
  if (is_new_function) {
    start = module.function_count();
    ByteWriter code;
    code.write_u8(0);  // no locals
    for (const uint32_t callee : {*module.start, target}) {
      code.write_u8(opcode::kCall);
      code.write_varuint(callee);
    }
    code.write_u8(opcode::kEnd);
    body.write_sized(code.bytes());
    function_type.write_varuint(module.function_type(target));
  }
  ByteWriter start_content;
  start_content.write_varuint(start);

  ByteWriter out;
  out.reserve(module.bytes.size() + 64);
  out.write_bytes(kWasmHeader);
  bool has_start = false;
  const auto write_start = [&] {
    if (!std::exchange(has_start, true))
      append_section(out, SectionId::start, start_content.bytes());
  };
  for (const Section& section : module.sections) {
    switch (section.id) {
      case SectionId::start:
        write_start();
        continue;
      case SectionId::function:
        if (is_new_function) {
          append_section(
              out, section.id,
              append_entry(section, module.functions.size(), function_type.bytes()).bytes());
          continue;
        }
        break;
      case SectionId::code:
        if (is_new_function) {
          append_section(out, section.id,
                         append_entry(section, module.code.size(), body.bytes()).bytes());
          continue;
        }
        break;
      case SectionId::element:
      case SectionId::data_count:
        write_start();
        break;
      default:
        break;
    }
    if (section.id == SectionId::code) write_start();
    out.write_bytes(section.raw);
  }
  return out.take();
}

void warn_of_imports(const Object& module, DiagnosticSink& sink) {
  ImportFinder(module).warn(sink);
}

}  // namespace wasmpack
