// The larger parts of the JSON rendering. Each writes one or more members of an object, keys in
// order; docs/inspect.schema.json describes them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "inspect/facts/facts.h"
#include "inspect/render/json_writer.h"
#include "support/diagnostic.h"

namespace wasmpack {

void write_words(JsonWriter& json, std::string_view key, const std::vector<std::string>& words);

// `constructors`, and `init`.
void write_constructors(JsonWriter& json, const Facts& facts);
void write_init(JsonWriter& json, const InitFacts& init);

// `comdats`, `relocations`, `segments`, `symbols`.
void write_comdats(JsonWriter& json, const Facts& facts);
void write_relocations(JsonWriter& json, const Facts& facts);
void write_segments(JsonWriter& json, const Facts& facts);
void write_symbols(JsonWriter& json, const Facts& facts);

// `findings`.
void write_findings(JsonWriter& json, std::span<const Diagnostic> findings);

}  // namespace wasmpack
