// The manifest's language, schema 1, as a table: what the reader accepts, what `wasmpack pack
// --list-keys`, docs/manifest.md and the manual page say of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasmpack {

struct ManifestKey {
  std::string_view name;      // "memory.initial" is `initial` of the table `memory`
  std::string_view fallback;  // what holds without it, Markdown; "required"
  std::string_view text;      // Markdown, one line
  std::span<const std::string_view> choices = {};  // the values, where it is one of a few words
};

struct ManifestTable {
  std::string_view title;  // "[bundle]", as messages name it
  std::span<const ManifestKey> keys;
};

// In the order of the documentation.
std::span<const ManifestTable> manifest_schema();

// The keys that the table with that title may have itself; `path` is empty, or the name of a table
// within it ("memory"). For TomlReader.
std::span<const std::string_view> manifest_keys(std::string_view title, std::string_view path = {});
// The choices of a key; the enums of packager/manifest.h stand in the same order.
std::span<const std::string_view> manifest_choices(std::string_view title, std::string_view key);

// What a key means, with its default, as plain text.
std::string manifest_key_text(const ManifestKey& key);

// All keys as text for a terminal, or as the tables of docs/manifest.md, each behind its title.
std::string render_manifest_keys_text();
std::string render_manifest_keys_markdown();

}  // namespace wasmpack
