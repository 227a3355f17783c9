#include "inspect/facts/ctor_origin.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace wasmpack {
namespace {

std::string_view keep(const std::string& text, Facts& facts) {
  char* copy = facts.arena.Allocate<char>(text.size());
  std::ranges::copy(text, copy);
  return {copy, text.size()};
}

// The manifest lists the chain of the bundle. An optimizer may have changed it since; then only a
// name tells whose a constructor is, if one library alone has it.
void take_bundle_libraries(Facts& facts) {
  const std::vector<BundleConstructor>& known = facts.bundle->constructors;
  const bool is_same_chain = known.size() == facts.constructors.size();
  std::unordered_map<std::string_view, const BundleConstructor*> by_name;
  for (const BundleConstructor& constructor : known) {
    if (is_same_chain && constructor.order < known.size()) {
      ConstructorFact& fact = facts.constructors[constructor.order];
      const std::string_view name = fact.function.name;
      if (name.empty() || name == constructor.symbol)
        fact.origin = keep(constructor.library, facts);
    }
    const auto [entry, is_new] = by_name.emplace(constructor.symbol, &constructor);
    if (!is_new && entry->second != nullptr && entry->second->library != constructor.library)
      entry->second = nullptr;
  }
  for (ConstructorFact& fact : facts.constructors) {
    if (!fact.origin.empty() || fact.function.name.empty()) continue;
    const auto found = by_name.find(fact.function.name);
    if (found != by_name.end() && found->second != nullptr)
      fact.origin = keep(found->second->library, facts);
  }
}

}  // namespace

std::string_view source_of_constructor(std::string_view name) {
  constexpr std::string_view kPrefix = "_GLOBAL__sub_I_";
  // wasmpack's guards carry the name of what they guard.
  const size_t at = name.find(kPrefix);
  if (at == name.npos || (at != 0 && name[at - 1] != '.')) return {};
  return name.substr(at + kPrefix.size());
}

void gather_origins(const Object& object, Facts& facts) {
  if (facts.constructors.empty()) return;
  if (object.has_linking) {
    const std::string_view origin =
        keep(std::string(object.member.empty() ? object.file : object.member), facts);
    for (ConstructorFact& constructor : facts.constructors) constructor.origin = origin;
    return;
  }
  if (facts.bundle) take_bundle_libraries(facts);
  for (ConstructorFact& constructor : facts.constructors)
    if (constructor.origin.empty())
      constructor.origin = source_of_constructor(constructor.function.name);
}

}  // namespace wasmpack
