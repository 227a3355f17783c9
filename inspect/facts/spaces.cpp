#include "inspect/facts/spaces.h"

#include <algorithm>
#include <string>
#include <vector>

#include "inspect/facts/type_text.h"
#include "object/name_section.h"
#include "object/section_readers.h"
#include "object/value_types.h"

namespace wasmpack {
namespace {

std::string_view keep(Facts& facts, const std::string& text) {
  char* copy = facts.arena.Allocate<char>(text.size());
  std::copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

std::vector<std::string_view> find_names(const Object& object, ExternKind kind) {
  std::vector<std::string_view> names(index_space_size(object, kind));
  const auto add = [&names](uint32_t index, std::string_view name) {
    if (names[index].empty()) names[index] = name;
  };
  for (const Symbol& symbol : object.symbols) {
    if (extern_kind_of(symbol.kind) == kind) add(symbol.index, symbol.name);
  }
  const std::vector<std::string_view> own = read_entity_names(object, kind);
  for (uint32_t i = 0; i < own.size(); ++i) add(i, own[i]);
  for (uint32_t i = 0; i < object.imported_count(kind); ++i)
    add(i, object.find_import(kind, i)->field);
  for (const Export& entry : object.exports) {
    if (entry.kind == kind) add(entry.index, entry.name);
  }
  return names;
}

}  // namespace

void gather_spaces(const Object& object, Facts& facts) {
  for (const ExternKind kind :
       {ExternKind::memory, ExternKind::table, ExternKind::global, ExternKind::tag}) {
    const std::vector<std::string_view> names = find_names(object, kind);
    const uint32_t imported = object.imported_count(kind);
    for (uint32_t i = 0; i < names.size(); ++i) {
      SpaceFact fact{kind, i,           names[i], keep(facts, render_entity_type(object, kind, i)),
                     {},   i < imported};
      if (kind == ExternKind::global && !fact.is_imported)
        fact.value = constant_of_expression(object.globals[i - imported].init);
      facts.spaces.push_back(fact);
    }
  }
}

}  // namespace wasmpack
