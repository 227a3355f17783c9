// Carries a repair plan out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/repair/repair_plan.h"
#include "object/object.h"

namespace wasmpack {

// `module` as the plan wants it: sections that are not concerned keep their bytes, functions keep
// their numbers and their places in the CODE section.
std::vector<uint8_t> write_repaired(const Object& module, const RepairPlan& plan);

// Whether `after`, read from what write_repaired gave, is what was promised: all exports are there
// with their types, and the chain runs through the guard only. An error is our own bug.
Result<void> check_repaired(const Object& before, const Object& after, const RepairPlan& plan);

// What was done: "3 wrappers undone, `_initialize` exported".
std::string describe_repair(const Object& module, const RepairPlan& plan);

}  // namespace wasmpack
