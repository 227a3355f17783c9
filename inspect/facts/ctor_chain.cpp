#include "inspect/facts/ctor_chain.h"

#include <unordered_set>
#include <vector>

#include "inspect/facts/ctor_chain_parts.h"
#include "inspect/facts/ctor_origin.h"
#include "inspect/facts/registration_facts.h"

namespace wasmpack {
namespace {

// Into an inlined chain an optimizer also put the calls that constructors make: imports and repeats
// are no constructors. One that registers something stays, for the sake of what it tells.
void drop_inlined_calls(const Object& object, std::vector<ConstructorFact>& constructors) {
  const uint32_t imported = object.imported_count(ExternKind::function);
  std::unordered_set<uint32_t> seen;
  std::erase_if(constructors, [&](const ConstructorFact& constructor) {
    const uint32_t function = constructor.function.index;
    const bool is_new = seen.insert(function).second && function >= imported;
    return !is_new && constructor.registers.empty();
  });
  for (size_t i = 0; i < constructors.size(); ++i) constructors[i].order = static_cast<uint32_t>(i);
}

}  // namespace

void gather_ctor_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  if (object.has_linking) {
    gather_object_chain(object, names, facts);
    gather_object_registrations(object, facts);
  } else {
    gather_module_chain(object, names, facts);
    gather_module_registrations(object, names, facts);
    if (!facts.init.is_plain) drop_inlined_calls(object, facts.constructors);
  }
  gather_origins(object, facts);
}

}  // namespace wasmpack
