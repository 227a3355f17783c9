#include "inspect/checks/rules_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "inspect/checks/check.h"
#include "inspect/checks/demand_text.h"
#include "inspect/checks/finding_text.h"
#include "support/glob.h"
#include "support/suggest.h"
#include "support/toml_reader.h"
#include "support/toml_text.h"

namespace wasmpack {
namespace {

constexpr std::string_view kErrorId = "bad-rules";
constexpr std::string_view kRootKeys[] = {"schema",  "kind",    "max-size", "only-declared-exports",
                                          "exports", "imports", "features", "max-section-size",
                                          "severity"};
constexpr std::string_view kListKeys[] = {"allow", "forbid"};
constexpr std::string_view kKinds[] = {"object", "module", "shared", "component", "bundle"};
constexpr std::string_view kSeverities[] = {"error", "warning", "note", "off"};
constexpr std::array<std::optional<Severity>, 4> kSeverityValues = {
    Severity::error, Severity::warning, Severity::note, std::nullopt};

// A table whose keys are names of the file: the reader must not take them for unknown.
std::vector<std::string_view> keys_of(const toml::table& table) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : table) keys.push_back(key.str());
  return keys;
}

class RulesReader {
 public:
  RulesReader(const toml::table& root, const TomlReport& report) : root_(root), report_(report) {}

  Rules read() {
    // Another schema has other keys: its number is the only thing to say.
    const toml::node* schema = root_.get("schema");
    if (schema == nullptr || !schema->is_integer() || schema->as_integer()->get() != 1) {
      report_.error(schema != nullptr ? place_of(schema->source()) : TextPlace{1, 1},
                    schema != nullptr ? "this version of wasmpack reads rules of schema 1"
                                      : "the key `schema` is missing",
                    schema != nullptr ? "" : "begin the file with `schema = 1`");
      return {};
    }
    const TomlReader reader(root_, "the rules", kRootKeys, report_);
    rules_.origin = report_.path;
    if (const std::optional<size_t> kind = reader.find_choice("kind", kKinds))
      rules_.kind = static_cast<WasmKind>(*kind);
    rules_.max_size = reader.find_size("max-size");
    rules_.only_expected_exports = reader.find_bool("only-declared-exports").value_or(false);
    if (const toml::table* exports = reader.find_table("exports")) read_exports(*exports);
    if (const toml::table* imports = reader.find_table("imports")) read_imports(*imports);
    if (const toml::table* features = reader.find_table("features")) read_features(*features);
    if (const toml::table* sizes = reader.find_table("max-section-size")) read_sizes(*sizes);
    if (const toml::table* severity = reader.find_table("severity")) read_severities(*severity);
    return std::move(rules_);
  }

 private:
  void read_exports(const toml::table& table) {
    const TomlReader reader(table, "[exports]", keys_of(table), report_);
    for (const std::string_view name : keys_of(table)) {
      const std::optional<PlacedString> type = reader.find_string(name);
      if (!type) continue;
      if (const std::string problem = find_type_problem(type->text); !problem.empty())
        report_.error(type->place, "export " + cite_name(name) + ": " + problem,
                      "types are written like \"(i32,f32)->i32\", \"mut i32\", \"memory\"; \"\" is "
                      "any type");
      rules_.exports.push_back({std::string(name), type->text});
    }
  }

  std::vector<std::string> take_patterns(const TomlReader& reader, std::string_view key) {
    std::vector<std::string> patterns;
    for (PlacedString& pattern : reader.find_strings(key)) {
      const Result<PatternList> list = PatternList::create({&pattern.text, 1}, key);
      if (!list) report_.error(pattern.place, list.error().message, list.error().help);
      patterns.push_back(std::move(pattern.text));
    }
    return patterns;
  }

  void read_imports(const toml::table& table) {
    const TomlReader reader(table, "[imports]", kListKeys, report_);
    if (reader.has("allow")) rules_.allowed_imports = take_patterns(reader, "allow");
    rules_.forbidden_imports = take_patterns(reader, "forbid");
  }

  void read_features(const toml::table& table) {
    const TomlReader reader(table, "[features]", kListKeys, report_);
    const auto take = [&](std::string_view key) {
      std::vector<std::string> names;
      for (PlacedString& name : reader.find_strings(key)) {
        if (name.text.starts_with('+') || name.text.starts_with('-'))
          report_.error(name.place, "features stand without + or -");
        names.push_back(std::move(name.text));
      }
      return names;
    };
    if (reader.has("allow")) rules_.allowed_features = take("allow");
    rules_.forbidden_features = take("forbid");
  }

  void read_sizes(const toml::table& table) {
    const TomlReader reader(table, "[max-section-size]", keys_of(table), report_);
    for (const std::string_view key : keys_of(table)) {
      std::string name(key);
      const Result<PatternList> list = PatternList::create({&name, 1}, "max-section-size");
      if (!list) report_.error(reader.place(key), list.error().message, list.error().help);
      if (const std::optional<uint64_t> size = reader.find_size(key))
        rules_.section_budgets.push_back({std::move(name), *size});
    }
  }

  void read_severities(const toml::table& table) {
    std::vector<std::string_view> ids;
    for (const Check* check : all_checks()) ids.push_back(check->id);
    const TomlReader reader(table, "[severity]", ids, report_);
    for (const std::string_view id : ids) {
      if (const std::optional<size_t> choice = reader.find_choice(id, kSeverities))
        rules_.severities.push_back({std::string(id), kSeverityValues[*choice]});
    }
  }

  const toml::table& root_;
  const TomlReport& report_;
  Rules rules_;
};

}  // namespace

std::optional<Rules> parse_rules(Bytes bytes, std::string_view path, DiagnosticSink& sink) {
  if (Result<void> checked = check_toml_text(bytes, path, "a file of rules", kErrorId); !checked) {
    sink.report(std::move(checked.error()));
    return std::nullopt;
  }
  const toml::parse_result parsed = toml::parse(as_string(bytes));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    sink.report(fail(kErrorId, text_location(path, place_of(error.source())),
                     "not TOML: " + std::string(error.description()))
                    .value());
    return std::nullopt;
  }
  DiagnosticSink problems;
  Rules rules = RulesReader(parsed.table(), TomlReport{path, problems, kErrorId}).read();
  const bool failed = problems.has_errors();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  if (failed) return std::nullopt;
  return rules;
}

std::optional<WasmKind> parse_wasm_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKinds, name);
  if (found == std::end(kKinds)) return std::nullopt;
  return static_cast<WasmKind>(found - std::begin(kKinds));
}

}  // namespace wasmpack
