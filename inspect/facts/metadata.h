// What custom sections tell about a module as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// Fills Facts::module_name, metadata (sections authors, description, licenses, source, homepage,
// revision, version: one text each, as wasm-metadata writes them; build_id of BuildId.md in
// hexadecimal) and dylink.
void gather_metadata(const Object& object, Facts& facts);

// Why the `dylink.0` section cannot be read, and where; null if it can or there is none.
struct DylinkDamage {
  const char* what = nullptr;
  uint64_t offset = 0;  // in the file
};
DylinkDamage find_dylink_damage(const Object& object);

}  // namespace wasmpack
