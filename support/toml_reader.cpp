#include "support/toml_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "support/suggest.h"

namespace wasmpack {
namespace {

std::string_view type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

std::string quote(std::string_view text) {
  constexpr size_t kShown = 120;
  std::string shown(text.substr(0, kShown));
  if (text.size() > kShown) shown += "...";
  return "`" + shown + "`";
}

// "256KiB" -> 262144.
std::optional<uint64_t> parse_size(std::string_view text) {
  uint64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc()) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  for (const auto& [name, shift] : kUnits) {
    if (unit == name && count <= UINT64_MAX >> shift) return count << shift;
  }
  return std::nullopt;
}

}  // namespace

void TomlReport::error(TextPlace place, std::string message, std::string help) const {
  constexpr size_t kLongestMessage = 1000;  // it may repeat what the file says
  if (message.size() > kLongestMessage) message = message.substr(0, kLongestMessage) + "...";
  sink.report(fail(id, text_location(path, place), std::move(message), std::move(help)).value());
}

void TomlReport::error_with_note(TextPlace place, std::string message, TextPlace other,
                                 std::string_view note) const {
  Diagnostic problem = fail(id, text_location(path, place), std::move(message)).value();
  problem.notes.push_back(describe(text_location(path, other)) + ": " + std::string(note));
  sink.report(std::move(problem));
}

TomlReader::TomlReader(const toml::table& table, std::string_view title,
                       std::span<const std::string_view> keys, const TomlReport& report)
    : table_(table), title_(title), report_(report) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(keys, key.str()) != keys.end()) continue;
    report_.error(place_of(key.source()), "unknown key " + quote(key.str()) + " in " + title_,
                  suggest_sentence(key.str(), keys));
  }
}

TextPlace TomlReader::place(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return place_of(node != nullptr ? node->source() : table_.source());
}

void TomlReader::report_type(std::string_view key, const toml::node& node,
                             std::string_view expected) const {
  report_.error(place_of(node.source()), quote(key) + " in " + title_ + ": expected " +
                                             std::string(expected) + ", found " +
                                             std::string(type_name(node.type())));
}

const toml::node* TomlReader::find_node(std::string_view key, toml::node_type type) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr || node->type() == type) return node;
  report_type(key, *node, type_name(type));
  return nullptr;
}

std::optional<PlacedString> TomlReader::find_string(std::string_view key) const {
  const toml::node* node = find_node(key, toml::node_type::string);
  if (node == nullptr) return std::nullopt;
  return PlacedString{node->as_string()->get(), place_of(node->source())};
}

std::optional<PlacedString> TomlReader::require_string(std::string_view key) const {
  if (!has(key)) {
    report_.error(place_of(table_.source()), title_ + " needs the key " + quote(key));
    return std::nullopt;
  }
  std::optional<PlacedString> value = find_string(key);
  if (value && value->text.empty()) {
    report_.error(value->place, quote(key) + " in " + title_ + " must not be empty");
    return std::nullopt;
  }
  return value;
}

std::vector<PlacedString> TomlReader::find_strings(std::string_view key) const {
  std::vector<PlacedString> values;
  const toml::node* node = find_node(key, toml::node_type::array);
  if (node == nullptr) return values;
  for (const toml::node& entry : *node->as_array()) {
    if (const auto* text = entry.as_string()) {
      values.push_back({text->get(), place_of(entry.source())});
    } else {
      report_type(key, entry, "an array of strings");
    }
  }
  return values;
}

std::vector<PlacedInteger> TomlReader::find_integers(std::string_view key) const {
  std::vector<PlacedInteger> values;
  const toml::node* node = find_node(key, toml::node_type::array);
  if (node == nullptr) return values;
  for (const toml::node& entry : *node->as_array()) {
    if (const auto* number = entry.as_integer()) {
      values.push_back({number->get(), place_of(entry.source())});
    } else {
      report_type(key, entry, "an array of integers");
    }
  }
  return values;
}

std::optional<bool> TomlReader::find_bool(std::string_view key) const {
  const toml::node* node = find_node(key, toml::node_type::boolean);
  if (node == nullptr) return std::nullopt;
  return node->as_boolean()->get();
}

std::optional<uint64_t> TomlReader::find_integer(std::string_view key) const {
  const toml::node* node = find_node(key, toml::node_type::integer);
  if (node == nullptr) return std::nullopt;
  const int64_t value = node->as_integer()->get();
  if (value < 0) {
    report_.error(place_of(node->source()), quote(key) + " in " + title_ + " is negative");
    return std::nullopt;
  }
  return static_cast<uint64_t>(value);
}

std::optional<uint64_t> TomlReader::find_size(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_integer()) return find_integer(key);
  if (const auto* text = node->as_string()) {
    const std::optional<uint64_t> size = parse_size(text->get());
    if (!size) {
      report_.error(place_of(node->source()),
                    quote(key) + " in " + title_ + ": " + quote(text->get()) + " is no size",
                    "a size is a number of bytes, alone or with B, KiB, MiB or GiB behind it");
    }
    return size;
  }
  report_type(key, *node, "a size");
  return std::nullopt;
}

std::optional<size_t> TomlReader::find_choice(std::string_view key,
                                              std::span<const std::string_view> choices) const {
  const std::optional<PlacedString> value = find_string(key);
  if (!value) return std::nullopt;
  std::string list;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (value->text == choices[i]) return i;
    list += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + quote(choices[i]);
  }
  report_.error(
      value->place,
      quote(key) + " in " + title_ + ": expected " + list + ", found " + quote(value->text),
      suggest_sentence(value->text, choices));
  return std::nullopt;
}

const toml::table* TomlReader::find_table(std::string_view key) const {
  const toml::node* node = find_node(key, toml::node_type::table);
  return node != nullptr ? node->as_table() : nullptr;
}

std::vector<const toml::table*> TomlReader::find_tables(std::string_view key) const {
  std::vector<const toml::table*> tables;
  const toml::node* node = table_.get(key);
  if (node == nullptr) return tables;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    report_type(key, *node, "tables under [[...]]");
    return tables;
  }
  for (const toml::node& entry : *array) {
    if (const toml::table* table = entry.as_table()) {
      tables.push_back(table);
    } else {
      report_type(key, entry, "tables under [[...]]");
    }
  }
  return tables;
}

}  // namespace wasmpack
