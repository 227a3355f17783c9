// The rules of Linking.md that are about anything but relocations, in groups. What makes a section
// unreadable is reported by the reader (object/read.h), and not looked at again here.
#pragma once

#include "inspect/facts/problem_list.h"
#include "object/object.h"

namespace wasmpack {

// Order of the custom sections; target_features and producers (section_rules.cpp).
void check_section_rules(const Object& object, ProblemList& problems);

// Flags, names and targets of symbols (symbol_rules.cpp).
void check_symbol_rules(const Object& object, ProblemList& problems);

// Subsections of `linking` and what stands in SEGMENT_INFO, INIT_FUNCS, COMDAT_INFO
// (subsection_rules.cpp).
void check_subsection_rules(const Object& object, ProblemList& problems);

}  // namespace wasmpack
