#include "inspect/facts/code_sites.h"

#include "support/cursor.h"

namespace wasmpack {
namespace {

struct FirstImmediates {
  SiteKind of[256] = {};
  constexpr void set(unsigned first, unsigned last, SiteKind kind) {
    for (unsigned i = first; i <= last; ++i) of[i] = kind;
  }
};

// The kind of the immediate right behind the opcode byte (core specification 5.4).
constexpr FirstImmediates make_first_immediates() {
  FirstImmediates table;
  table.set(0x00, 0xff, SiteKind::other);
  table.set(0x02, 0x04, SiteKind::type);  // block, loop, if
  table.set(0x06, 0x06, SiteKind::type);  // try
  table.set(0x07, 0x08, SiteKind::tag);   // catch, throw
  table.set(0x10, 0x10, SiteKind::function);
  table.set(0x11, 0x11, SiteKind::type);  // call_indirect
  table.set(0x12, 0x12, SiteKind::function);
  table.set(0x13, 0x15, SiteKind::type);  // return_call_indirect, call_ref, return_call_ref
  table.set(0x1f, 0x1f, SiteKind::type);  // try_table
  table.set(0x23, 0x24, SiteKind::global);
  table.set(0x25, 0x26, SiteKind::table);
  table.set(0x41, 0x41, SiteKind::i32_constant);
  table.set(0x42, 0x42, SiteKind::i64_constant);
  table.set(0xd0, 0xd0, SiteKind::type);  // ref.null
  table.set(0xd2, 0xd2, SiteKind::function);
  return table;
}

constexpr FirstImmediates kFirstImmediates = make_first_immediates();

SiteKind match(const Cursor& cursor, uint32_t offset, SiteKind kind) {
  return cursor.ok() && cursor.offset() == offset ? kind : SiteKind::none;
}

// The offset of a memory argument, behind its flags and its memory's index.
SiteKind find_memory_offset(Cursor& cursor, uint32_t offset) {
  if (cursor.read_varuint32() & 0x40) cursor.read_varuint32();
  return match(cursor, offset, SiteKind::memory_offset);
}

// Block type, then clauses, of which some name a tag.
SiteKind find_in_try_table(Cursor& cursor, uint32_t offset) {
  const int64_t type = cursor.read_varint33();
  if (type == -28 || type == -29) cursor.read_varint33();
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok() && cursor.offset() < offset; ++i) {
    if (cursor.read_u8() < 2) {
      if (cursor.offset() == offset) return SiteKind::tag;
      cursor.read_varuint32();
    }
    cursor.read_varuint32();
  }
  return SiteKind::none;
}

// 0xfc: table.init, table.copy, table.grow, table.size, table.fill.
SiteKind find_in_miscellaneous(Cursor& cursor, uint32_t opcode, uint32_t offset) {
  const bool has_first = opcode >= 14 && opcode <= 17;
  const bool has_second = opcode == 12 || opcode == 14;
  if (has_first && cursor.offset() == offset) return SiteKind::table;
  cursor.read_varuint32();
  return match(cursor, offset, has_second ? SiteKind::table : SiteKind::other);
}

// 0xfb: most instructions of garbage collection begin with a type.
SiteKind find_in_gc(Cursor& cursor, uint32_t opcode, uint32_t offset) {
  if (opcode <= 14 || (opcode >= 16 && opcode <= 23)) {
    if (cursor.offset() == offset) return SiteKind::type;
    cursor.read_varuint32();
    return match(cursor, offset, opcode == 17 ? SiteKind::type : SiteKind::other);
  }
  return SiteKind::other;
}

bool has_simd_memory_argument(uint32_t opcode) {
  return opcode <= 11 || (opcode >= 84 && opcode <= 93);
}

}  // namespace

std::string_view site_kind_name(SiteKind kind) {
  constexpr std::string_view names[] = {"nothing that could be patched",
                                        "a function index",
                                        "a type index",
                                        "a global index",
                                        "a table index",
                                        "a tag index",
                                        "the constant of an i32.const",
                                        "the constant of an i64.const",
                                        "the offset of a load or store",
                                        "an immediate that is never relocated"};
  return names[static_cast<size_t>(kind)];
}

SiteKind find_site(Bytes body, const Instruction& instruction, uint32_t offset) {
  const uint8_t opcode = instruction.opcode;
  const bool has_prefix = opcode >= 0xfb && opcode <= 0xfe;
  if (offset == instruction.immediates && !has_prefix) return kFirstImmediates.of[opcode];
  if (offset < instruction.immediates) return SiteKind::none;
  Cursor cursor(body.subspan(instruction.immediates), instruction.immediates);
  switch (opcode) {
    case 0x11:
    case 0x13:
      cursor.read_varuint32();
      return match(cursor, offset, SiteKind::table);
    case 0x1f:
      return find_in_try_table(cursor, offset);
    default:
      break;
  }
  if (opcode >= 0x28 && opcode <= 0x3e) return find_memory_offset(cursor, offset);
  if (!has_prefix) return SiteKind::none;
  cursor.read_varuint32();  // the opcode proper
  if (offset < cursor.offset()) return SiteKind::none;
  switch (opcode) {
    case 0xfb:
      return find_in_gc(cursor, instruction.index, offset);
    case 0xfc:
      return find_in_miscellaneous(cursor, instruction.index, offset);
    case 0xfd:
      return has_simd_memory_argument(instruction.index) ? find_memory_offset(cursor, offset)
                                                         : SiteKind::none;
    default:
      return instruction.index != 3 ? find_memory_offset(cursor, offset) : SiteKind::none;
  }
}

}  // namespace wasmpack
