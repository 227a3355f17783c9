// What the data segments of a file are called.
#pragma once

#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

// By segment index, empty where there is no name. Of an object: from SEGMENT_INFO; else from the
// `name` section (subsection 9), of which what stands before any damage is taken. Views into the
// object's bytes; linear in the size of that section.
std::vector<std::string_view> read_segment_names(const Object& object);

}  // namespace wasmpack
