#include "inspect/checks/export_demands.h"

#include <algorithm>

#include "inspect/checks/demand_text.h"

namespace wasmpack {
namespace {

// The name of a kernel that is found by its symbol begins with its library's prefix, which is what
// stands before the symbol in the expected name.
std::string_view prefix_of(const ExpectedKernel& expected) {
  std::string_view name = expected.name;
  if (name.ends_with(expected.symbol)) name.remove_suffix(expected.symbol.size());
  return name;
}

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
      Pattern& pattern = patterns_.emplace_back();
      pattern.position = i;
      pattern.names = make_patterns({&expected.name, 1});
      if (expected.symbol.empty()) continue;
      const std::string names_with_prefix = std::string(prefix_of(expected)) + "*";
      pattern.symbols = make_patterns({&expected.symbol, 1});
      pattern.prefixes = make_patterns({&names_with_prefix, 1});
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
    for (auto entry = begin; entry != end; ++entry) {
      const ExpectedKernel& expected = rules_.kernels[entry->second];
      if (kernel.name == expected.name || kernel.name.starts_with(prefix_of(expected)))
        found.push_back(entry->second);
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const Pattern& pattern : patterns_) {
    if (rules_.kernels[pattern.position].library != kernel.library) continue;
    if (pattern.names.matches(kernel.name) ||
        (pattern.symbols.matches(kernel.symbol) && pattern.prefixes.matches(kernel.name)))
      found.push_back(pattern.position);
  }
  return found;
}

}  // namespace wasmpack
