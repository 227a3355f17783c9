// What an optimizer must leave alone: how a module looks from outside.
#pragma once

#include <optional>
#include <string>

#include "object/object.h"

namespace wasmpack {

// The first difference between a module and what an optimizer made of it, as part of a sentence
// ("the export `f` has another type"); none if `after` has the same exports with the same types,
// the same start function or none, the same memories and tables (those that nobody can see may be
// gone), and no import that `before` has not.
std::optional<std::string> find_interface_change(const Object& before, const Object& after);

}  // namespace wasmpack
