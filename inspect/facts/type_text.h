// Types as one reads them: `(i32,i32)->i32`, `mut i32`, `funcref 2..`, `1..16`.
#pragma once

#include <cstdint>
#include <string>

#include "object/object.h"

namespace wasmpack {

// Encoded value types (core specification 5.3), separated by commas: "i32,f64,(ref null 3)".
// What is not understood is "0x..", and the rest is left out.
std::string render_value_types(Bytes types);

// "(i32,i32)->i32", "()->()", "(i32)->(i32,i32)"; "type 7" if the type of that index is none of a
// function.
std::string render_function_type(const Object& object, uint32_t type_index);

// "1..16", "1.." (no maximum) and what is special: "1.. i64 shared page size 2^0".
std::string render_limits(const Limits& limits);

std::string render_table_type(const TableType& type);    // "funcref 2..2"
std::string render_global_type(const GlobalType& type);  // "mut i32"

// The type of an import, or of anything in an index space; "?" if there is no such entry.
std::string render_import_type(const Object& object, const Import& import);
std::string render_entity_type(const Object& object, ExternKind kind, uint32_t index);

}  // namespace wasmpack
