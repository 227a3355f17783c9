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
constexpr SiteKind expected_site(const RelocationInfo& info) {
  switch (info.encoding) {
    case RelocationEncoding::u32:
    case RelocationEncoding::u64:
      return SiteKind::none;
    case RelocationEncoding::sleb32:
      return SiteKind::i32_constant;
    case RelocationEncoding::sleb64:
      return SiteKind::i64_constant;
    case RelocationEncoding::uleb32:
    case RelocationEncoding::uleb64:
      break;
  }
  switch (info.target) {
    case RelocationTarget::function_index:
      return SiteKind::function;
    case RelocationTarget::type_index:
      return SiteKind::type;
    case RelocationTarget::global_index:
      return SiteKind::global;
    case RelocationTarget::tag_index:
      return SiteKind::tag;
    case RelocationTarget::table_number:
      return SiteKind::table;
    case RelocationTarget::memory_address:
      return SiteKind::memory_offset;
    default:
      return SiteKind::none;
  }
}

}  // namespace wasmpack
