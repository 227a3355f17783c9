#include "linker/linkable.h"

#include <algorithm>
#include <string>
#include <vector>

#include "object/value_types.h"
#include "object/verify.h"

namespace wasmpack {
namespace {

struct Problem {
  std::string section;
  std::string message;
  std::string help;
};

std::optional<Problem> check_types(const Input& input) {
  const std::vector<FuncType>& types = input.object.types;
  for (size_t i = 0; i < types.size(); ++i)
    if (!types[i].is_function || !types[i].is_simple)
      return Problem{"TYPE",
                     "type " + std::to_string(i) +
                         " uses garbage collection or typed references, which the object "
                         "convention cannot relocate",
                     "compile without GC types"};
  return std::nullopt;
}

std::optional<Problem> check_references(const Input& input) {
  const Object& object = input.object;
  const auto is_typed_import = [](const Import& import) {
    return (import.kind == ExternKind::global && import.global.value_type.size() != 1) ||
           (import.kind == ExternKind::table && import.table.element_type.size() != 1);
  };
  const auto is_typed_global = [](const Global& g) { return g.type.value_type.size() != 1; };
  const auto is_typed_table = [](const Table& t) { return t.type.element_type.size() != 1; };
  const bool in_imports = std::ranges::any_of(object.imports, is_typed_import);
  if (!in_imports && std::ranges::none_of(object.globals, is_typed_global) &&
      std::ranges::none_of(object.tables, is_typed_table))
    return std::nullopt;
  return Problem{in_imports ? "IMPORT" : "",
                 "a global or table of typed references, which the object convention cannot "
                 "relocate",
                 "use funcref or externref"};
}

std::optional<Problem> check_start(const Input& input) {
  if (!input.object.start) return std::nullopt;
  return Problem{"START", "an object cannot carry a start function",
                 "register it as a constructor instead"};
}

std::optional<Problem> check_memories(const Input& input) {
  const Object& object = input.object;
  if (object.imported_count(ExternKind::memory) + object.memories.size() > 1)
    return Problem{"MEMORY", "more than one memory: the object convention knows one",
                   "use one memory"};
  for (const DataSegment& segment : object.data)
    if (segment.memory != 0)
      return Problem{"DATA", "a data segment of a memory other than 0", "use one memory"};
  return std::nullopt;
}

// Initial values may name globals and functions, but have no relocations.
std::optional<Problem> check_initializers(const Input& input) {
  for (const Global& global : input.object.globals)
    if (!is_plain_constant(global.init))
      return Problem{"GLOBAL", "a global whose initial value is no plain constant",
                     "set it in a constructor instead"};
  for (const Table& table : input.object.tables)
    if (!table.init.empty())
      return Problem{"TABLE", "a table with an initial value", "fill it in a constructor instead"};
  return std::nullopt;
}

// Element segments are made anew from the relocations that take addresses. One that says more than
// those would be lost.
std::optional<Problem> check_elements(const Input& input) {
  const Object& object = input.object;
  std::vector<bool> is_in_table(object.function_count(), false);
  for (size_t s = 0; s < object.symbols.size(); ++s)
    if ((input.uses[s] & kUsedInTable) != 0) is_in_table[object.symbols[s].index] = true;
  for (const ElementSegment& segment : object.elements) {
    const Import* table = object.find_import(ExternKind::table, segment.table);
    const bool is_function_table = table != nullptr && table->field == "__indirect_function_table";
    const bool is_active = !(segment.flags & 1);
    if (!is_active || !is_function_table)
      return Problem{"ELEM",
                     "an element segment that does not fill the imported "
                     "__indirect_function_table, which the object convention cannot relocate",
                     "fill other tables in a constructor"};
    for (const uint32_t function : segment.functions)
      if (function == kNullFunction || !is_in_table[function])
        return Problem{
            "ELEM",
            "an element segment holds a function whose address no relocation takes; "
            "its slot would be lost",
            "take addresses through relocations, as compilers do (wat2wasm -r does not)"};
  }
  return std::nullopt;
}

std::optional<Problem> check_comdats(const Input& input) {
  const Object& object = input.object;
  for (const Comdat& comdat : object.comdats)
    for (const ComdatEntry& entry : comdat.entries)
      if (entry.kind == ComdatKind::section &&
          object.sections[entry.index].name.starts_with("reloc."))
        return Problem{
            "linking",
            "a relocation section is a member of comdat `" + std::string(comdat.name) + "`",
            {}};
  return std::nullopt;
}

constexpr std::optional<Problem> (*kChecks[])(const Input&) = {
    check_types,        check_references, check_start,  check_memories,
    check_initializers, check_elements,   check_comdats};

}  // namespace

std::optional<Diagnostic> find_unlinkable(const Input& input) {
  for (const auto check : kChecks)
    if (std::optional<Problem> problem = check(input))
      return fail("not-linkable", input.locate(problem->section), std::move(problem->message),
                  std::move(problem->help))
          .value();
  return std::nullopt;
}

}  // namespace wasmpack
