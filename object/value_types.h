// Finds the end of the nested encodings: value types, composite types and constant expressions.
#pragma once

#include "object/object.h"
#include "support/cursor.h"

namespace wasmpack {

// Each reads one item and returns its bytes. A malformed one makes the cursor fail.

// A value or storage type (5.3.4, 5.3.12); `is_simple` becomes false if it is longer than a byte.
Bytes read_value_type(Cursor& cursor, bool& is_simple);
// A reference type (5.3.3).
Bytes read_reference_type(Cursor& cursor);
// A constant expression up to and with its `end` (5.4.9, with extended-const and GC).
Bytes read_constant_expression(Cursor& cursor);

Limits read_limits(Cursor& cursor);
TableType read_table_type(Cursor& cursor);
GlobalType read_global_type(Cursor& cursor);

// One entry of the type section, which may be a recursive group of several types (5.3.13).
void read_recursive_type(Cursor& cursor, std::vector<FuncType>& types);

// The function index of a constant expression that is just `ref.func N`, else kNullFunction.
uint32_t function_of_expression(Bytes expression);
// The value of a constant expression that is just `i32.const N` or `i64.const N`.
std::optional<int64_t> constant_of_expression(Bytes expression);
// Whether a constant expression is one constant or null: it names nothing that could be renumbered.
bool is_plain_constant(Bytes expression);

}  // namespace wasmpack
