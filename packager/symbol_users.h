// Who refers to a symbol, for messages.
#pragma once

#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

// The names of the functions whose code refers to `symbol`, each once, in the object's order.
std::vector<std::string_view> find_symbol_users(const Object& object, std::string_view symbol);

}  // namespace wasmpack
