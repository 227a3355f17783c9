// The parts of the manifest's reader: one function for each TOML table of the schema. Problems go
// to the report; what is returned then is not fit for use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "packager/manifest.h"
#include "packager/manifest_schema.h"
#include "support/toml_reader.h"

namespace wasmpack {

BundleOptions parse_bundle_table(const toml::table& table, const TomlReport& report);
LibraryRequest parse_library_table(const toml::table& table, const TomlReport& report);
ParamRequest parse_param_table(const toml::table& table, const TomlReport& report);

// What several of them need:

// The text of a value that messages and files show: without control characters.
std::string take_plain_text(const std::optional<PlacedString>& value, std::string_view what,
                            const TomlReport& report);
// Patterns of support/glob.h, checked.
std::vector<PlacedString> take_patterns(const TomlReader& reader, std::string_view key,
                                        const TomlReport& report);
// The element type that `key` names; null after an error, or if the key is absent.
const DataType* take_data_type(const TomlReader& reader, std::string_view key,
                               const TomlReport& report);
// Whether `text` is a sha256 as the manifest writes it; reports if not.
bool check_hash(const PlacedString& hash, const TomlReport& report);
bool is_pattern(std::string_view text);

}  // namespace wasmpack
