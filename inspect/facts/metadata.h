// What custom sections tell about a module as a whole.
#pragma once

#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// Fills Facts::module_name, metadata (sections authors, description, licenses, source, homepage,
// revision, version: one text each, as wasm-metadata writes them; build_id of BuildId.md in
// hexadecimal) and dylink.
void gather_metadata(const Object& object, Facts& facts);

}  // namespace wasmpack
