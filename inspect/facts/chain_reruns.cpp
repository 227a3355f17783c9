#include "inspect/facts/chain_reruns.h"

#include <unordered_set>

#include "inspect/facts/ctor_chain_runs.h"

namespace wasmpack {

bool is_init_entry_name(std::string_view name) { return name == "_initialize" || name == "_start"; }

const ExportRuns* find_doubtful_export(const InitFacts& init) {
  for (const ExportRuns& runs : init.runs)
    if ((!runs.first || runs.is_guess) && runs.reason != kIsImported) return &runs;
  return nullptr;
}

namespace {

std::vector<std::string_view> list(const InitFacts& init, bool wants_guesses) {
  std::vector<std::string_view> names;
  std::unordered_set<std::string_view> seen;
  const auto add = [&](std::string_view name) {
    if (is_init_entry_name(name) || init.exported_as == name) return;
    if (seen.insert(name).second) names.push_back(name);
  };
  std::unordered_set<std::string_view> counted;
  for (const ExportRuns& runs : init.runs)
    if (runs.first && runs.again && !runs.is_guess) counted.insert(runs.name);
  for (const ChainCaller& caller : init.callers)
    if (caller.kind == CallerKind::wrapper && !counted.contains(caller.name)) add(caller.name);
  for (const ExportRuns& runs : init.runs)
    if (runs.first && runs.again && *runs.again > *runs.first && (wants_guesses || !runs.is_guess))
      add(runs.name);
  return names;
}

}  // namespace

std::vector<std::string_view> list_reruns(const InitFacts& init) { return list(init, true); }

std::vector<std::string_view> list_sure_reruns(const InitFacts& init) { return list(init, false); }

}  // namespace wasmpack
