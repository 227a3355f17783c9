// How often the ctor chain runs when an export is called: read from the code, without running it.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "inspect/facts/call_reader.h"
#include "inspect/facts/facts.h"
#include "object/object.h"

namespace wasmpack {

// ExportRuns::reason of an import that is exported again; it leads to nothing in the module.
inline constexpr std::string_view kIsImported = "it is an imported function";

// Fills `facts.init.runs` and `counted`, for a module whose chain `facts.init.function` is known.
// `ways` leads to the chain (CallReader::find_ways).
void gather_runs(const Object& object, CallReader& reader,
                 const std::unordered_map<uint32_t, uint32_t>& ways, Facts& facts);

// The same for a module whose chain is not known: then no number is.
void gather_unknown_runs(const Object& object, Facts& facts);

}  // namespace wasmpack
