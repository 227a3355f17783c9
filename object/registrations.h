// What constructors register, read out of their bodies without running them: calls of the form
// `Register("name", &function)`, whose arguments are constants, in position independent code too.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

struct Registration {
  std::string_view registrar;  // the name of the register function
  std::string_view name;       // what is registered; up to its NUL byte, in the data segment
  uint32_t target;             // the symbol that is registered: a function or data
  uint32_t name_relocation;    // number of the relocation of the name's address, in reloc.CODE
  uint32_t constructor = 0;    // whose code registers it: counts the init functions as they run
};

struct Registrations {
  std::vector<Registration> entries;  // in the order in which the constructors register
  // Functions that call a registrar with arguments that are no constants: indices, each once.
  std::vector<uint32_t> unreadable;
};

// Walks the init functions of `object` in the order in which they run, and the functions that they
// call directly without arguments. `registrars` are symbol names; a registrar takes two i32 and its
// first argument is the name. Linear in the code that is read, each function once.
Registrations read_registrations(const Object& object,
                                 std::span<const std::string_view> registrars);

// The same for every function with two i32 parameters that is called with a text and a function: a
// registrar by its use. TVM's own may also be given data. `unreadable` stays empty.
Registrations find_registrations(const Object& object);

// Whether a text may be what something is registered by: not empty, and no control characters.
bool is_registered_name(std::string_view text);
// Whether TVM's code registers functions and data by that function.
bool is_tvm_registrar(std::string_view function);

}  // namespace wasmpack
