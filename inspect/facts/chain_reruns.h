// Which exports of a finished module run its constructors again at each call.
#pragma once

#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"

namespace wasmpack {

// What a host calls once to start a module: `_initialize`, `_start`.
bool is_init_entry_name(std::string_view name);

// Names of exports, each once: those that were counted to run the constructors at a second call,
// and command wrappers of which that is not known. Without the entries above and the exported chain
// itself, which a host calls once.
std::vector<std::string_view> list_reruns(const InitFacts& init);

// The first export of which it is not known whether it runs the chain, and why: it calls through a
// table that leads there, or code was not read. Null if all is known.
const ExportRuns* find_doubtful_export(const InitFacts& init);

// Of these, those of which the code tells it, or a run that was not one choice of arguments.
std::vector<std::string_view> list_sure_reruns(const InitFacts& init);

}  // namespace wasmpack
