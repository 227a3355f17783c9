#include "inspect/facts/ctor_chain.h"

#include "inspect/facts/ctor_chain_parts.h"
#include "inspect/facts/ctor_origin.h"
#include "inspect/facts/registration_facts.h"

namespace wasmpack {

void gather_ctor_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  if (object.has_linking) {
    gather_object_chain(object, names, facts);
    gather_object_registrations(object, facts);
  } else {
    gather_module_chain(object, names, facts);
    gather_module_registrations(object, names, facts);
  }
  gather_origins(object, facts);
}

}  // namespace wasmpack
