// What constructors register: calls like `reg("name", &function)`.
#pragma once

#include "inspect/facts/facts.h"
#include "inspect/facts/function_names.h"
#include "object/object.h"

namespace wasmpack {

// Fill ConstructorFact::registers of `facts.constructors`, which are known.
//
// Of an object the relocations tell what is a name and what a function (object/registrations.h).
void gather_object_registrations(const Object& object, Facts& facts);

// Of a finished module only numbers are left: a call counts if its first argument is the address of
// a text and the second the table slot of a function, and the called function's name has "reg" in
// it, in whatever case. At most kMaxBytesWalked bytes of bodies are read.
void gather_module_registrations(const Object& object, const FunctionNames& names, Facts& facts);

inline constexpr uint64_t kMaxBytesWalked = 1 << 20;

}  // namespace wasmpack
