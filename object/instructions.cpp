#include "object/instructions.h"

#include "object/value_types.h"

namespace wasmpack {
namespace {

// What follows an opcode (core specification 5.4).
enum class Immediates : uint8_t {
  unknown,  // 0: the default of the table below
  none,
  index,
  two_indices,
  block_type,
  label_table,
  value_types,
  memory_argument,
  i32,
  i64,
  four_bytes,
  eight_bytes,
  heap_type,
  catches,
  prefix,
};

struct OpcodeTable {
  Immediates of[256] = {};
  constexpr void set(unsigned first, unsigned last, Immediates immediates) {
    for (unsigned i = first; i <= last; ++i) of[i] = immediates;
  }
};

constexpr OpcodeTable make_opcode_table() {
  using enum Immediates;
  OpcodeTable table;
  table.set(0x00, 0x01, none);             // unreachable, nop
  table.set(0x02, 0x04, block_type);       // block, loop, if
  table.set(0x05, 0x05, none);             // else
  table.set(0x06, 0x06, block_type);       // try
  table.set(0x07, 0x09, index);            // catch, throw, rethrow
  table.set(0x0a, 0x0b, none);             // throw_ref, end
  table.set(0x0c, 0x0d, index);            // br, br_if
  table.set(0x0e, 0x0e, label_table);      // br_table
  table.set(0x0f, 0x0f, none);             // return
  table.set(0x10, 0x10, index);            // call
  table.set(0x11, 0x11, two_indices);      // call_indirect
  table.set(0x12, 0x12, index);            // return_call
  table.set(0x13, 0x13, two_indices);      // return_call_indirect
  table.set(0x14, 0x15, index);            // call_ref, return_call_ref
  table.set(0x18, 0x18, index);            // delegate
  table.set(0x19, 0x1b, none);             // catch_all, drop, select
  table.set(0x1c, 0x1c, value_types);      // select t
  table.set(0x1f, 0x1f, catches);          // try_table
  table.set(0x20, 0x26, index);            // local, global, table: get, set
  table.set(0x28, 0x3e, memory_argument);  // loads and stores
  table.set(0x3f, 0x40, index);            // memory.size, memory.grow
  table.set(0x41, 0x41, i32);
  table.set(0x42, 0x42, i64);
  table.set(0x43, 0x43, four_bytes);
  table.set(0x44, 0x44, eight_bytes);
  table.set(0x45, 0xc4, none);       // arithmetic, conversions, sign extension
  table.set(0xd0, 0xd0, heap_type);  // ref.null
  table.set(0xd1, 0xd1, none);       // ref.is_null
  table.set(0xd2, 0xd2, index);      // ref.func
  table.set(0xd3, 0xd4, none);       // ref.eq, ref.as_non_null
  table.set(0xd5, 0xd6, index);      // br_on_null, br_on_non_null
  table.set(0xfb, 0xfe, prefix);
  return table;
}

constexpr OpcodeTable kOpcodes = make_opcode_table();

void skip_memory_argument(Cursor& cursor) {
  const uint32_t flags = cursor.read_varuint32();
  if (flags & 0x40) cursor.read_varuint32();  // bit 6: a memory index follows
  cursor.read_varuint64();
}

void skip_block_type(Cursor& cursor) {
  // A type index, or a value type read as a negative number; -28 and -29 are (ref ...) and
  // (ref null ...), whose heap type follows.
  const int64_t type = cursor.read_varint33();
  if (type == -28 || type == -29) cursor.read_varint33();
}

void skip_catches(Cursor& cursor) {
  skip_block_type(cursor);
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    if (cursor.read_u8() < 2) cursor.read_varuint32();  // catch and catch_ref name a tag
    cursor.read_varuint32();
  }
}

void skip_indices(Cursor& cursor, unsigned count) {
  for (unsigned i = 0; i < count; ++i) cursor.read_varuint32();
}

// 0xfb: garbage collection. Returns whether the opcode is known; so do the next three.
bool skip_gc(Cursor& cursor, uint32_t opcode) {
  switch (opcode) {
    case 0:
    case 1:
    case 6:
    case 7:
    case 11:
    case 12:
    case 13:
    case 14:
    case 16:
      skip_indices(cursor, 1);
      return true;
    case 2:
    case 3:
    case 4:
    case 5:
    case 8:
    case 9:
    case 10:
    case 17:
    case 18:
    case 19:
      skip_indices(cursor, 2);
      return true;
    case 20:
    case 21:
    case 22:
    case 23:  // ref.test, ref.cast
      cursor.read_varint33();
      return true;
    case 24:
    case 25:  // br_on_cast, br_on_cast_fail
      cursor.read_u8();
      cursor.read_varuint32();
      cursor.read_varint33();
      cursor.read_varint33();
      return true;
    default:
      return opcode == 15 || (opcode >= 26 && opcode <= 30);
  }
}

// 0xfc: saturating conversions, bulk memory, tables, wide arithmetic.
bool skip_miscellaneous(Cursor& cursor, uint32_t opcode) {
  constexpr uint8_t indices[] = {0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1};
  if (opcode < sizeof indices)
    skip_indices(cursor, indices[opcode]);
  else
    return opcode >= 19 && opcode <= 22;
  return true;
}

// 0xfd: SIMD.
bool skip_simd(Cursor& cursor, uint32_t opcode) {
  if (opcode <= 11 || opcode == 92 || opcode == 93) {
    skip_memory_argument(cursor);
  } else if (opcode == 12 || opcode == 13) {  // v128.const, i8x16.shuffle
    cursor.read_bytes(16);
  } else if (opcode >= 21 && opcode <= 34) {  // extract_lane, replace_lane
    cursor.read_u8();
  } else if (opcode >= 84 && opcode <= 91) {  // load_lane, store_lane
    skip_memory_argument(cursor);
    cursor.read_u8();
  }
  return opcode <= 0x11f;
}

// 0xfe: threads.
bool skip_atomic(Cursor& cursor, uint32_t opcode) {
  if (opcode == 3)  // atomic.fence
    cursor.read_u8();
  else
    skip_memory_argument(cursor);
  return opcode <= 3 || (opcode >= 0x10 && opcode <= 0x4e);
}

bool skip_prefixed(Cursor& cursor, uint8_t prefix, uint32_t opcode) {
  switch (prefix) {
    case 0xfb:
      return skip_gc(cursor, opcode);
    case 0xfc:
      return skip_miscellaneous(cursor, opcode);
    case 0xfd:
      return skip_simd(cursor, opcode);
    default:
      return skip_atomic(cursor, opcode);
  }
}

// Skips immediates that nobody asks for; false if there is no such opcode.
bool skip_immediates(Cursor& cursor, Immediates immediates) {
  switch (immediates) {
    case Immediates::none:
      return true;
    case Immediates::two_indices:
      skip_indices(cursor, 2);
      return true;
    case Immediates::block_type:
      skip_block_type(cursor);
      return true;
    case Immediates::label_table: {
      const uint32_t count = cursor.read_count();
      for (uint32_t i = 0; i <= count && cursor.ok(); ++i) cursor.read_varuint32();
      return true;
    }
    case Immediates::value_types: {
      const uint32_t count = cursor.read_count();
      bool is_simple = true;
      for (uint32_t i = 0; i < count && cursor.ok(); ++i) read_value_type(cursor, is_simple);
      return true;
    }
    case Immediates::memory_argument:
      skip_memory_argument(cursor);
      return true;
    case Immediates::i64:
      cursor.read_varint64();
      return true;
    case Immediates::four_bytes:
      cursor.read_bytes(4);
      return true;
    case Immediates::eight_bytes:
      cursor.read_bytes(8);
      return true;
    case Immediates::heap_type:
      cursor.read_varint33();
      return true;
    case Immediates::catches:
      skip_catches(cursor);
      return true;
    default:
      return false;
  }
}

}  // namespace

InstructionReader::InstructionReader(Bytes body) : cursor_(body) {
  const uint32_t locals = cursor_.read_count();
  bool is_simple = true;
  for (uint32_t i = 0; i < locals && cursor_.ok(); ++i) {
    cursor_.read_varuint32();
    read_value_type(cursor_, is_simple);
  }
}

bool InstructionReader::next(Instruction& instruction) {
  if (!cursor_.ok() || cursor_.at_end()) return false;
  instruction = {};
  instruction.offset = static_cast<uint32_t>(cursor_.offset());
  instruction.opcode = cursor_.read_u8();
  instruction.immediates = static_cast<uint32_t>(cursor_.offset());
  switch (kOpcodes.of[instruction.opcode]) {
    case Immediates::index:
      instruction.index = cursor_.read_varuint32();
      break;
    case Immediates::i32:
      instruction.constant = cursor_.read_varint32();
      break;
    case Immediates::prefix:
      instruction.index = cursor_.read_varuint32();
      if (!skip_prefixed(cursor_, instruction.opcode, instruction.index))
        cursor_.fail("unknown instruction");
      break;
    default:
      if (!skip_immediates(cursor_, kOpcodes.of[instruction.opcode]))
        cursor_.fail("unknown instruction");
  }
  return cursor_.ok();
}

}  // namespace wasmpack
