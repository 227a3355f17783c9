#include "inspect/facts/function_names.h"

#include "object/name_section.h"

namespace wasmpack {

FunctionNames::FunctionNames(const Object& object)
    : first_defined_(object.imported_count(ExternKind::function)) {
  if (!object.has_linking) {
    names_ = read_name_section(object).functions;
    has_names_ = !names_.empty();
  }
  names_.resize(object.function_count());
  const auto add = [this](uint32_t function, std::string_view name) {
    if (function < names_.size() && names_[function].empty()) names_[function] = name;
  };
  for (const Symbol& symbol : object.symbols)
    if (symbol.kind == SymbolKind::function) add(symbol.index, symbol.name);
  if (object.has_linking) has_names_ = !object.symbols.empty();
  for (uint32_t i = 0; i < first_defined_; ++i)
    add(i, object.find_import(ExternKind::function, i)->field);
  for (const Export& entry : object.exports)
    if (entry.kind == ExternKind::function) add(entry.index, entry.name);
}

int64_t FunctionNames::find_defined(std::string_view name) const {
  for (size_t i = first_defined_; i < names_.size(); ++i)
    if (names_[i] == name) return static_cast<int64_t>(i);
  return -1;
}

}  // namespace wasmpack
