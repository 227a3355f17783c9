#include "packager/symbol_users.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "object/relocation_reader.h"

namespace wasmpack {

std::vector<std::string_view> find_symbol_users(const Object& object, std::string_view symbol) {
  std::vector<std::string_view> users;
  const int code = object.find_section(SectionId::code);
  if (code < 0) return users;
  const RelocationSection* relocations = object.find_relocations(static_cast<uint32_t>(code));
  if (relocations == nullptr) return users;
  std::unordered_map<uint32_t, std::string_view> names;  // function index -> its first name
  for (const Symbol& candidate : object.symbols) {
    if (candidate.kind == SymbolKind::function && candidate.is_defined())
      names.emplace(candidate.index, candidate.name);
  }
  std::unordered_set<std::string_view> seen;
  RelocationReader reader(relocations->entries);
  for (Relocation relocation; reader.next(relocation);) {
    if (relocation.kind == kTypeIndexLeb || relocation.index >= object.symbols.size() ||
        object.symbols[relocation.index].name != symbol)
      continue;
    const auto body =
        std::ranges::upper_bound(object.code, relocation.offset, {}, &FunctionBody::offset);
    if (body == object.code.begin()) continue;
    const auto position = static_cast<uint32_t>(body - object.code.begin() - 1);
    const auto name = names.find(object.imported_count(ExternKind::function) + position);
    if (name != names.end() && seen.insert(name->second).second) users.push_back(name->second);
  }
  return users;
}

}  // namespace wasmpack
