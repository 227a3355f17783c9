// Everything that is wrong with the linking information of a file, by the rules of tool-conventions
// Linking.md as of October 2025 (validation rules: tool-conventions pull request 259).
#pragma once

#include <vector>

#include "object/read.h"
#include "support/diagnostic.h"

namespace wasmpack {

// By place in the file; ids `invalid-linking` and `stale-relocation`. Those that reading met come
// along. Of a file without linking information: what is wrong with `target_features` and
// `producers`. Linear; at most ProblemList::kMaxProblems and one that says that there are more.
std::vector<Diagnostic> find_linking_problems(LenientObject& file);

}  // namespace wasmpack
