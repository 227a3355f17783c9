#include "inspect/checks/export_demands.h"

#include <algorithm>

#include "inspect/checks/demand_text.h"

namespace wasmpack {
namespace {

std::string make_key(std::string_view library, std::string_view kind, std::string_view name) {
  std::string key(library);
  key.append(1, '\0').append(kind).append(name);
  return key;
}

}  // namespace

ExportsByName index_exports(const Facts& facts) {
  ExportsByName exports;
  for (const ExportFact& entry : facts.exports) exports.try_emplace(entry.name, &entry);
  return exports;
}

KernelDemands::KernelDemands(const Rules& rules) : rules_(rules) {
  for (size_t i = 0; i < rules.kernels.size(); ++i) {
    const ExpectedKernel& expected = rules.kernels[i];
    if (expected.is_pattern) {
      patterns_.push_back(
          {i, make_patterns({&expected.name, 1}),
           expected.symbol.empty() ? PatternList() : make_patterns({&expected.symbol, 1})});
      continue;
    }
    exact_.emplace(make_key(expected.library, "n", expected.name), i);
    if (!expected.symbol.empty())
      exact_.emplace(make_key(expected.library, "s", expected.symbol), i);
  }
}

std::vector<size_t> KernelDemands::find(const KernelFact& kernel) const {
  std::vector<size_t> found;
  for (const std::string& key :
       {make_key(kernel.library, "n", kernel.name), make_key(kernel.library, "s", kernel.symbol)}) {
    const auto [begin, end] = exact_.equal_range(key);
    for (auto entry = begin; entry != end; ++entry) found.push_back(entry->second);
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const Pattern& pattern : patterns_) {
    if (rules_.kernels[pattern.position].library != kernel.library) continue;
    if (pattern.names.matches(kernel.name) || pattern.symbols.matches(kernel.symbol))
      found.push_back(pattern.position);
  }
  return found;
}

}  // namespace wasmpack
