// Why something is in a file: the shortest way of references to it from a root.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/facts/retained.h"

namespace wasmpack {

struct Facts;

struct WhyStep {
  uint32_t node;
  ReferenceKind how;  // the reference from the step before; of the first, what makes it a root
};

// One thing that has the name that was asked for.
struct WhyFact {
  std::string asked;      // the name that was asked for
  std::string_view name;  // its own spelling of it
  uint32_t node;          // of a data symbol: its segment, which is kept or dropped as a whole
  std::vector<WhyStep>
      path;  // from a root to the node, which is its last; empty: nothing reaches it
};

// Answers for a name, at most kMaxWhyAnswers, in the order of the graph's nodes: what is called
// exactly so (functions, data symbols and segments, imports, globals, exports), "func[7]" for the
// function of that index, else what is called so when demangled (demangle_plain_name). Nothing if
// there is nothing of that name.
inline constexpr size_t kMaxWhyAnswers = 10;
std::vector<WhyFact> find_why(const Facts& facts, const GraphFacts& graph, std::string_view name);

// All names that find_why knows, for suggestions.
std::vector<std::string_view> list_why_names(const Facts& facts, const GraphFacts& graph);

}  // namespace wasmpack
