// Which places of an instruction a relocation may patch (Linking.md, "Object file validation
// rules": the grammar constructs of CODE).
#pragma once

#include <cstdint>
#include <string_view>

#include "object/instructions.h"
#include "object/relocation.h"
#include "support/bytes.h"

namespace wasmpack {

// What kind of immediate begins at a place.
enum class SiteKind : uint8_t {
  none,  // no immediate begins there
  function,
  type,
  global,
  table,
  tag,
  i32_constant,
  i64_constant,
  memory_offset,  // of a load or store
  other,          // one that no relocation is for: a local, a label, a segment
};
std::string_view site_kind_name(SiteKind kind);  // "a function index", ...

// The immediate of `instruction` that begins at `offset` of the function's body. Only for
// instructions that an InstructionReader gave for that body.
SiteKind find_site(Bytes body, const Instruction& instruction, uint32_t offset);

// What a relocation of that kind must stand at in CODE; none if it cannot stand there.
SiteKind expected_site(const RelocationInfo& info);

}  // namespace wasmpack
