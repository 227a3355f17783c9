// Types and patterns as rules write them, against those of the facts.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "inspect/facts/facts.h"
#include "support/glob.h"

namespace wasmpack {

// A type as the facts write it: without blanks, one result without parentheses.
std::string normalize_type(std::string_view type);

// Whether an item of that kind and type is what the rules ask for (ExpectedExport::type).
bool meets_demand(std::string_view demand, ExternKind kind, std::string_view type);

// Empty if `demand` can be met by something; else what is wrong with it, for a message.
std::string find_type_problem(std::string_view demand);

// The patterns as one list; a pattern that is none is left out (the readers of rules refuse it).
PatternList make_patterns(std::span<const std::string> patterns);

}  // namespace wasmpack
