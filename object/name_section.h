// Reads the `name` section: what a finished module's functions were called.
//
// Source: core specification, appendix "Custom Sections"; names are hints, so a damaged section is
// no error of the module: what stands before the damage is kept.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

struct NameSection {
  bool is_present = false;
  std::string_view module;  // empty if it has none
  // By function index, imports first; empty where a function has no name. As long as the function
  // index space if the section names any function, else empty.
  std::vector<std::string_view> functions;
  // What stopped the reading, null if nothing did, and its offset in the file.
  const char* failure = nullptr;
  uint64_t failure_offset = 0;
};

// The names are views into the object's bytes. Names of functions that do not exist are skipped; of
// two names for one function the first counts. Work is linear in the section's size, memory in the
// number of functions.
NameSection read_name_section(const Object& object);

// Only the module's name; empty if there is none or what stands before it is damaged.
std::string_view read_module_name(const Object& object);

// The names of tables, memories, globals or tags, by index, imports first; empty where one has none
// and behind damage. As long as the index space if the section has a subsection for them, else
// empty. (Subsections of the extended-name-section proposal.)
std::vector<std::string_view> read_entity_names(const Object& object, ExternKind kind);

}  // namespace wasmpack
