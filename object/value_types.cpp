#include "object/value_types.h"

namespace wasmpack {
namespace {

// Type codes (core specification 5.3).
constexpr uint8_t kRefNull = 0x63;  // (ref null heaptype)
constexpr uint8_t kRef = 0x64;      // (ref heaptype)
constexpr uint8_t kFunc = 0x60;
constexpr uint8_t kStruct = 0x5f;
constexpr uint8_t kArray = 0x5e;
constexpr uint8_t kCont = 0x5d;
constexpr uint8_t kSub = 0x50;
constexpr uint8_t kSubFinal = 0x4f;
constexpr uint8_t kRec = 0x4e;

bool is_one_byte_type(uint8_t code) {
  return (code >= 0x7b && code <= 0x7f) ||  // v128 and numbers
         code == 0x77 || code == 0x78 ||    // packed i16, i8
         (code >= 0x68 && code <= 0x75);    // abstract heap types
}

Bytes since(const Cursor& cursor, const uint8_t* start) {
  return {start, static_cast<size_t>(cursor.position() - start)};
}

// `count` value types in a row.
Bytes read_value_types(Cursor& cursor, bool& is_simple) {
  const uint32_t count = cursor.read_count();
  const uint8_t* start = cursor.position();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) read_value_type(cursor, is_simple);
  return cursor.ok() ? since(cursor, start) : Bytes{};
}

void read_field_type(Cursor& cursor, bool& is_simple) {
  read_value_type(cursor, is_simple);
  if (cursor.read_u8() > 1) cursor.fail("mutability is neither 0 nor 1");
}

void read_composite_type(Cursor& cursor, uint8_t code, FuncType& type) {
  switch (code) {
    case kFunc:
      type.params = read_value_types(cursor, type.is_simple);
      type.results = read_value_types(cursor, type.is_simple);
      return;
    case kStruct: {
      const uint32_t count = cursor.read_count();
      for (uint32_t i = 0; i < count && cursor.ok(); ++i) read_field_type(cursor, type.is_simple);
      break;
    }
    case kArray:
      read_field_type(cursor, type.is_simple);
      break;
    case kCont:
      cursor.read_varint33();
      break;
    default:
      cursor.fail_at("unknown kind of type", cursor.offset() - 1);
      break;
  }
  type.is_function = false;
  type.is_simple = false;
}

void read_sub_type(Cursor& cursor, uint8_t code, std::vector<FuncType>& types) {
  FuncType type;
  if (code == kSub || code == kSubFinal) {
    type.is_simple = false;
    const uint32_t supertypes = cursor.read_count();
    for (uint32_t i = 0; i < supertypes && cursor.ok(); ++i) cursor.read_varuint32();
    code = cursor.read_u8();
  }
  read_composite_type(cursor, code, type);
  if (cursor.ok()) types.push_back(type);
}

}  // namespace

Bytes read_value_type(Cursor& cursor, bool& is_simple) {
  const uint8_t* start = cursor.position();
  const uint8_t code = cursor.read_u8();
  if (code == kRef || code == kRefNull) {
    is_simple = false;
    cursor.read_varint33();
  } else if (cursor.ok() && !is_one_byte_type(code)) {
    cursor.fail("unknown value type");
  }
  return cursor.ok() ? since(cursor, start) : Bytes{};
}

Bytes read_reference_type(Cursor& cursor) {
  bool is_simple = true;
  return read_value_type(cursor, is_simple);
}

Limits read_limits(Cursor& cursor) {
  // Bits: 0 has maximum, 1 shared, 2 64-bit, 3 custom page size (proposal).
  const uint8_t flags = cursor.read_u8();
  if (flags > 0x0f) cursor.fail("unknown limits flags");
  Limits limits;
  limits.is_shared = flags & 2;
  limits.is64 = flags & 4;
  limits.minimum = cursor.read_varuint64();
  if (flags & 1) limits.maximum = cursor.read_varuint64();
  if (flags & 8) limits.page_size_log2 = cursor.read_varuint32();
  return limits;
}

TableType read_table_type(Cursor& cursor) {
  TableType type;
  type.element_type = read_reference_type(cursor);
  type.limits = read_limits(cursor);
  return type;
}

GlobalType read_global_type(Cursor& cursor) {
  GlobalType type;
  bool is_simple = true;
  type.value_type = read_value_type(cursor, is_simple);
  const uint8_t flags = cursor.read_u8();
  if (flags > 1) cursor.fail("mutability is neither 0 nor 1");
  type.is_mutable = flags & 1;
  return type;
}

void read_recursive_type(Cursor& cursor, std::vector<FuncType>& types) {
  const uint8_t code = cursor.read_u8();
  if (!cursor.ok()) return;
  if (code != kRec) return read_sub_type(cursor, code, types);
  const size_t first = types.size();
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const uint8_t member = cursor.read_u8();
    read_sub_type(cursor, member, types);
  }
  for (size_t i = first; i < types.size(); ++i) types[i].is_simple = false;
}

Bytes read_constant_expression(Cursor& cursor) {
  const uint8_t* start = cursor.position();
  while (cursor.ok()) {
    switch (cursor.read_u8()) {
      case 0x0b:
        return since(cursor, start);  // end
      case 0x41:
        cursor.read_varint32();
        break;  // i32.const
      case 0x42:
        cursor.read_varint64();
        break;  // i64.const
      case 0x43:
        cursor.read_bytes(4);
        break;  // f32.const
      case 0x44:
        cursor.read_bytes(8);
        break;  // f64.const
      case 0x23:
        cursor.read_varuint32();
        break;  // global.get
      case 0xd0:
        cursor.read_varint33();
        break;  // ref.null
      case 0xd2:
        cursor.read_varuint32();
        break;    // ref.func
      case 0x6a:  // i32.add, sub, mul
      case 0x6b:
      case 0x6c:
      case 0x7c:  // i64.add, sub, mul
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd:  // v128.const
        if (cursor.read_varuint32() != 12 && cursor.ok()) cursor.fail("not a constant instruction");
        cursor.read_bytes(16);
        break;
      case 0xfb:  // GC: struct.new[_default], array.new[_default|_fixed], conversions, ref.i31
        switch (cursor.read_varuint32()) {
          case 0:
          case 1:
          case 6:
          case 7:
            cursor.read_varuint32();
            break;
          case 8:
            cursor.read_varuint32(), cursor.read_varuint32();
            break;
          case 26:
          case 27:
          case 28:
            break;
          default:
            if (cursor.ok()) cursor.fail("not a constant instruction");
            break;
        }
        break;
      default:
        if (cursor.ok()) cursor.fail("not a constant instruction");
        break;
    }
  }
  return {};
}

uint32_t function_of_expression(Bytes expression) {
  Cursor cursor(expression);
  if (cursor.read_u8() != 0xd2) return kNullFunction;
  const uint32_t function = cursor.read_varuint32();
  return cursor.read_u8() == 0x0b && cursor.at_end() ? function : kNullFunction;
}

std::optional<int64_t> constant_of_expression(Bytes expression) {
  Cursor cursor(expression);
  const uint8_t opcode = cursor.read_u8();
  if (opcode != 0x41 && opcode != 0x42) return std::nullopt;
  const int64_t value = opcode == 0x41 ? cursor.read_varint32() : cursor.read_varint64();
  if (cursor.read_u8() != 0x0b || !cursor.at_end()) return std::nullopt;
  return value;
}

bool is_plain_constant(Bytes expression) {
  Cursor cursor(expression);
  switch (cursor.read_u8()) {
    case 0x41:  // i32.const
      cursor.read_varint32();
      break;
    case 0x42:  // i64.const
      cursor.read_varint64();
      break;
    case 0x43:  // f32.const
      cursor.read_bytes(4);
      break;
    case 0x44:  // f64.const
      cursor.read_bytes(8);
      break;
    case 0xfd:  // v128.const
      cursor.read_varuint32();
      cursor.read_bytes(16);
      break;
    case 0xd0:  // ref.null of an abstract heap type
      if (cursor.read_varint33() >= 0) return false;
      break;
    default:
      return false;
  }
  return cursor.read_u8() == 0x0b && cursor.at_end();
}

}  // namespace wasmpack
