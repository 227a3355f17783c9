// Reads the keys of one TOML table, and reports what is wrong with them: unknown keys with a
// suggestion, keys that this version does not implement, values of another type.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

// One key of the schema. A key of a later version is refused by name, never skipped.
struct TomlKey {
  std::string_view name;
  bool is_supported = true;
};

inline ManifestPlace place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

// What errors share: the manifest's path and where they go.
struct TomlReport {
  std::string_view path;
  DiagnosticSink& sink;

  void error(ManifestPlace place, std::string message, std::string help = {}) const;
  // The same with a second place.
  void error_with_note(ManifestPlace place, std::string message, ManifestPlace other,
                       std::string_view note) const;
};

class TomlReader {
 public:
  // `title` is how messages name the table: "[bundle]". Checks all its keys against `keys`.
  TomlReader(const toml::table& table, std::string_view title, std::span<const TomlKey> keys,
             const TomlReport& report);

  bool has(std::string_view key) const { return table_.contains(key); }
  // The place of the key's value, or of the table if it is not there.
  ManifestPlace place(std::string_view key) const;

  // The value; nothing if the key is absent or, after an error, if it has another type. A required
  // key that is absent is an error, too.
  std::optional<PlacedString> find_string(std::string_view key) const;
  std::optional<PlacedString> require_string(std::string_view key) const;
  std::vector<PlacedString> find_strings(std::string_view key) const;
  std::optional<bool> find_bool(std::string_view key) const;
  std::optional<uint64_t> find_integer(std::string_view key) const;
  // A number of bytes: an integer, or text with a unit ("256KiB").
  std::optional<uint64_t> find_size(std::string_view key) const;
  // The position of the value in `choices`.
  std::optional<size_t> find_choice(std::string_view key,
                                    std::span<const std::string_view> choices) const;
  const toml::table* find_table(std::string_view key) const;
  // The tables of [[key]].
  std::vector<const toml::table*> find_tables(std::string_view key) const;

 private:
  const toml::node* find_node(std::string_view key, toml::node_type type) const;
  void report_type(std::string_view key, const toml::node& node, std::string_view expected) const;

  const toml::table& table_;
  std::string title_;
  TomlReport report_;
};

}  // namespace wasmpack
