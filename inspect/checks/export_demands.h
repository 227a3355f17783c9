// The exports and kernels of a file against those that the rules ask for; several checks look at
// it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inspect/checks/check.h"
#include "support/glob.h"

namespace wasmpack {

// Views into the facts.
using ExportsByName = std::unordered_map<std::string_view, const ExportFact*>;
ExportsByName index_exports(const Facts& facts);

// Finds the rules' kernels that a kernel of a bundle is.
class KernelDemands {
 public:
  explicit KernelDemands(const Rules& rules);

  // Positions in Rules::kernels; ascending within the exact ones and within the patterns.
  std::vector<size_t> find(const KernelFact& kernel) const;

 private:
  struct Pattern {
    size_t position;
    PatternList names;
    PatternList symbols, prefixes;  // both match, or the name does
  };

  const Rules& rules_;
  std::unordered_multimap<std::string, size_t> exact_;  // library, NUL, name or symbol
  std::vector<Pattern> patterns_;
};

}  // namespace wasmpack
