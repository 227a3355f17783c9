// The sections of the core specification (5.5).
#include "object/section_readers.h"

#include "object/value_types.h"

namespace wasmpack {
namespace {

void check_type_index(Cursor& cursor, const Object& object, uint32_t type, uint64_t at) {
  if (cursor.ok() && type >= object.types.size()) cursor.fail_at("type index out of range", at);
}

uint32_t read_type_index(Cursor& cursor, const Object& object) {
  const uint64_t at = cursor.offset();
  const uint32_t type = cursor.read_varuint32();
  check_type_index(cursor, object, type, at);
  return type;
}

uint32_t read_tag_type(Cursor& cursor, const Object& object) {
  if (cursor.read_u8() != 0 && cursor.ok()) cursor.fail("unknown tag attribute");
  return read_type_index(cursor, object);
}

// The head of a function body (5.5.13). The instructions are nobody's business here, but LLVM reads
// this much of every body, and aborts if it cannot.
void read_local_declarations(Cursor& cursor) {
  const uint32_t groups = cursor.read_count();
  for (uint32_t i = 0; i < groups && cursor.ok(); ++i) {
    cursor.read_varuint32();
    bool is_simple = true;
    read_value_type(cursor, is_simple);
  }
}

size_t defined_size(const Object& object, ExternKind kind) {
  switch (kind) {
    case ExternKind::function:
      return object.functions.size();
    case ExternKind::table:
      return object.tables.size();
    case ExternKind::memory:
      return object.memories.size();
    case ExternKind::global:
      return object.globals.size();
    case ExternKind::tag:
      return object.tags.size();
  }
  return 0;
}

}  // namespace

uint32_t index_space_size(const Object& object, ExternKind kind) {
  return object.imported_count(kind) + static_cast<uint32_t>(defined_size(object, kind));
}

void read_type_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor);
  object.types.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) read_recursive_type(cursor, object.types);
  if (object.types.size() > kMaxEntries) cursor.fail("more types than wasmpack takes");
}

void read_import_section(Cursor& cursor, Object& object) {
  const uint64_t count_at = cursor.offset();
  const uint32_t count = read_entry_count(cursor, 4);
  if (count > kMaxImports)
    return cursor.fail_at("more imports than wasmpack takes (1000000)", count_at);
  object.imports.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Import import;
    import.module = cursor.read_name();
    import.field = cursor.read_name();
    const uint64_t at = cursor.offset();
    const uint8_t kind = cursor.read_u8();
    if (kind > 4) return cursor.fail_at("unknown import kind", at);
    import.kind = static_cast<ExternKind>(kind);
    switch (import.kind) {
      case ExternKind::function:
        import.type_index = read_type_index(cursor, object);
        break;
      case ExternKind::table:
        import.table = read_table_type(cursor);
        break;
      case ExternKind::memory:
        import.memory = read_limits(cursor);
        break;
      case ExternKind::global:
        import.global = read_global_type(cursor);
        break;
      case ExternKind::tag:
        import.type_index = read_tag_type(cursor, object);
        break;
    }
    if (!cursor.ok()) return;
    object.imported[kind].push_back(i);
    object.imports.push_back(import);
  }
}

void read_function_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor);
  object.functions.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i)
    object.functions.push_back(read_type_index(cursor, object));
}

void read_table_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 3);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Table table;
    // 0x40 0x00 before the type: an initializer follows it (5.5.7).
    const bool has_init = cursor.remaining() > 1 && *cursor.position() == 0x40;
    if (has_init) cursor.read_bytes(2);
    table.type = read_table_type(cursor);
    if (has_init) table.init = read_constant_expression(cursor);
    object.tables.push_back(table);
  }
}

void read_memory_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 2);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i)
    object.memories.push_back(read_limits(cursor));
}

void read_tag_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 2);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i)
    object.tags.push_back(read_tag_type(cursor, object));
}

void read_global_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 3);
  object.globals.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Global global;
    global.type = read_global_type(cursor);
    global.init = read_constant_expression(cursor);
    object.globals.push_back(global);
  }
}

void read_export_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 3);
  object.exports.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Export entry;
    entry.name = cursor.read_name();
    const uint64_t at = cursor.offset();
    const uint8_t kind = cursor.read_u8();
    if (kind > 4) return cursor.fail_at("unknown export kind", at);
    entry.kind = static_cast<ExternKind>(kind);
    entry.index = cursor.read_varuint32();
    if (cursor.ok() && entry.index >= index_space_size(object, entry.kind))
      return cursor.fail_at("export index out of range", at);
    object.exports.push_back(entry);
  }
}

void read_start_section(Cursor& cursor, Object& object) {
  const uint64_t at = cursor.offset();
  object.start = cursor.read_varuint32();
  if (cursor.ok() && *object.start >= object.function_count())
    cursor.fail_at("start function index out of range", at);
}

void read_element_section(Cursor& cursor, Object& object) {
  const uint32_t count = read_entry_count(cursor, 2);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    ElementSegment segment;
    const uint64_t at = cursor.offset();
    segment.flags = cursor.read_varuint32();
    if (segment.flags > 7) return cursor.fail_at("unknown element segment flags", at);
    // Bit 0: passive or declarative; bit 1: explicit table (or declarative); bit 2: expressions.
    const bool is_active = !(segment.flags & 1);
    const bool is_explicit = segment.flags & 2;
    const bool has_expressions = segment.flags & 4;
    if (is_active && is_explicit) segment.table = cursor.read_varuint32();
    if (is_active) segment.offset = read_constant_expression(cursor);
    if (segment.flags & 3) {
      if (has_expressions)
        read_reference_type(cursor);
      else if (cursor.read_u8() != 0)
        cursor.fail("unknown element kind");
    }
    const uint32_t items = read_entry_count(cursor);
    segment.functions.reserve(items);
    for (uint32_t item = 0; item < items && cursor.ok(); ++item) {
      const uint64_t item_at = cursor.offset();
      const uint32_t function = has_expressions
                                    ? function_of_expression(read_constant_expression(cursor))
                                    : cursor.read_varuint32();
      if (cursor.ok() && function != kNullFunction && function >= object.function_count())
        return cursor.fail_at("function index out of range", item_at);
      segment.functions.push_back(function);
    }
    object.elements.push_back(std::move(segment));
  }
}

void read_data_count_section(Cursor& cursor, Object& object) {
  object.data_count = cursor.read_varuint32();
}

void read_code_section(Cursor& cursor, Object& object) {
  const uint64_t base = cursor.offset();
  const uint32_t count = read_entry_count(cursor, 2);
  if (cursor.ok() && count != object.functions.size())
    return cursor.fail_at("number of bodies differs from the FUNCTION section", base);
  object.code.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    FunctionBody body;
    body.entry_offset = static_cast<uint32_t>(cursor.offset() - base);
    body.size = cursor.read_varuint32();
    body.offset = static_cast<uint32_t>(cursor.offset() - base);
    const uint64_t body_at = cursor.offset();
    const Bytes bytes = cursor.read_bytes(body.size);
    if (!cursor.ok()) return;
    Cursor locals(bytes, body_at);
    read_local_declarations(locals);
    if (!locals.ok()) return cursor.fail_at(locals.failure(), locals.failure_offset());
    object.code.push_back(body);
  }
}

void read_data_section(Cursor& cursor, Object& object) {
  const uint64_t base = cursor.offset();
  const uint32_t count = read_entry_count(cursor, 2);
  if (cursor.ok() && object.data_count && *object.data_count != count)
    return cursor.fail_at("number of segments differs from the DATACOUNT section", base);
  object.data.reserve(count);
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    DataSegment segment;
    const uint64_t at = cursor.offset();
    segment.entry_offset = static_cast<uint32_t>(at - base);
    segment.init_flags = cursor.read_varuint32();
    if (segment.init_flags > 2) return cursor.fail_at("unknown data segment flags", at);
    if (segment.init_flags == 2) segment.memory = cursor.read_varuint32();
    if (segment.init_flags != 1) segment.offset_init = read_constant_expression(cursor);
    const uint32_t size = cursor.read_varuint32();
    segment.offset = static_cast<uint32_t>(cursor.offset() - base);
    segment.content = cursor.read_bytes(size);
    object.data.push_back(segment);
  }
}

}  // namespace wasmpack
