// The sentence that answers: do the constructors run, and who calls them?
#pragma once

#include <string>

#include "inspect/facts/facts.h"

namespace wasmpack {

// Without a newline; control characters are escaped.
std::string describe_constructors(const Facts& facts);

// A name as text output shows it: escaped, and cut if it is longer than anyone reads.
std::string show_name(std::string_view name);
// A function's name, or "func[7]".
std::string show_function(const FunctionRef& function);

}  // namespace wasmpack
