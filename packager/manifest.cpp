#include "packager/manifest.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "packager/manifest_tables.h"
#include "support/glob.h"
#include "support/suggest.h"
#include "support/toml_text.h"

namespace wasmpack {
namespace {

// Of names and paths, which messages repeat; as long as Linux allows for a path.
constexpr size_t kLongestText = 4096;

// MAJOR.MINOR.PATCH[-pre][+build] of Semantic Versioning 2.0, without its rule on leading zeros of
// pre-releases.
bool is_semantic_version(std::string_view text) {
  const size_t core_end = text.find_first_of("-+");
  unsigned numbers = 0;
  std::string_view core = text.substr(0, core_end);
  for (;;) {
    const size_t dot = core.find('.');
    const std::string_view number = core.substr(0, dot);
    if (number.empty() || number.find_first_not_of("0123456789") != number.npos) return false;
    if (number.size() > 1 && number[0] == '0') return false;
    ++numbers;
    if (dot == core.npos) break;
    core.remove_prefix(dot + 1);
  }
  if (numbers != 3) return false;
  if (core_end == text.npos) return true;
  const std::string_view rest = text.substr(core_end + 1);
  constexpr std::string_view kAllowed =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.+";
  return !rest.empty() && rest.find_first_not_of(kAllowed) == rest.npos;
}

PackageInfo parse_package(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, "[package]", manifest_keys("[package]"), report);
  PackageInfo package;
  package.name = take_plain_text(reader.require_string("name"), "the package's name", report);
  const std::optional<PlacedString> version = reader.require_string("version");
  if (version && !is_semantic_version(version->text)) {
    report.error(version->place, "`" + version->text + "` is no semantic version",
                 "a version is three numbers, as in \"1.2.0\"");
  } else if (version) {
    package.version = version->text;
  }
  const std::pair<std::string_view, std::string*> texts[] = {{"description", &package.description},
                                                             {"license", &package.license},
                                                             {"source", &package.source},
                                                             {"homepage", &package.homepage},
                                                             {"revision", &package.revision}};
  for (const auto& [key, text] : texts) {
    if (std::optional<PlacedString> value = reader.find_string(key)) *text = std::move(value->text);
  }
  for (PlacedString& author : reader.find_strings("authors"))
    package.authors.push_back(std::move(author.text));
  return package;
}

FeaturePolicy parse_features(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, "[features]", manifest_keys("[features]"), report);
  FeaturePolicy features;
  const auto take = [&](std::string_view key) {
    std::vector<std::string> names;
    for (PlacedString& name : reader.find_strings(key)) {
      if (!name.text.empty() && (name.text[0] == '+' || name.text[0] == '-'))
        report.error(name.place, "features stand without + or -");
      names.push_back(std::move(name.text));
    }
    return names;
  };
  if (reader.has("allow")) features.allow = take("allow");
  features.deny = take("deny");
  return features;
}

CtorOptions parse_ctors(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, "[ctors]", manifest_keys("[ctors]"), report);
  CtorOptions ctors;
  ctors.by_priority =
      reader.find_choice("order", manifest_choices("[ctors]", "order")) == size_t{1};
  ctors.expect = reader.find_strings("expect");
  for (const PlacedString& name : ctors.expect) take_plain_text(name, "a symbol", report);
  return ctors;
}

std::vector<std::pair<std::string, std::string>> parse_metadata(const toml::table& table,
                                                                const TomlReport& report) {
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const auto& [key, value] : table) {  // toml++ keeps the keys sorted
    if (const auto* text = value.as_string())
      metadata.emplace_back(key.str(), text->get());
    else
      report.error(place_of(value.source()), "[metadata] holds text only");
  }
  return metadata;
}

// `entries` have a `name` with its place; equal ones are errors.
template <typename Entry>
void check_names(const std::vector<Entry>& entries, std::string_view what,
                 const TomlReport& report) {
  std::map<std::string_view, TextPlace> seen;
  for (const Entry& entry : entries) {
    if (entry.name.text.empty()) continue;
    const auto [first, is_new] = seen.try_emplace(entry.name.text, entry.name.place);
    if (!is_new) {
      report.error_with_note(
          entry.name.place, "two " + std::string(what) + " have the name `" + entry.name.text + "`",
          first->second, "the first one");
    }
  }
}

Manifest parse_root(const toml::table& root, const TomlReport& report) {
  Manifest manifest;
  manifest.path = report.path;
  // Another schema has other keys: its number is the only thing to say.
  const toml::node* schema = root.get("schema");
  if (schema == nullptr || !schema->is_integer() || schema->as_integer()->get() != 1) {
    report.error(schema != nullptr ? place_of(schema->source()) : TextPlace{1, 1},
                 schema != nullptr ? "this version of wasmpack reads manifests of schema 1"
                                   : "the key `schema` is missing",
                 schema != nullptr ? "" : "begin the manifest with `schema = 1`");
    return manifest;
  }
  const TomlReader reader(root, "the manifest", manifest_keys("the manifest"), report);
  if (const toml::table* package = reader.find_table("package"))
    manifest.package = parse_package(*package, report);
  else if (!reader.has("package"))
    report.error({1, 1}, "the table [package] is missing", "it needs `name` and `version`");
  if (const toml::table* bundle = reader.find_table("bundle"))
    manifest.bundle = parse_bundle_table(*bundle, report);
  if (const toml::table* features = reader.find_table("features"))
    manifest.features = parse_features(*features, report);
  if (!reader.has("library")) report.error({1, 1}, "no [[library]]: a bundle has at least one");
  for (const toml::table* library : reader.find_tables("library"))
    manifest.libraries.push_back(parse_library_table(*library, report));
  for (const toml::table* param : reader.find_tables("param"))
    manifest.params.push_back(parse_param_table(*param, report));
  if (const toml::table* ctors = reader.find_table("ctors"))
    manifest.ctors = parse_ctors(*ctors, report);
  if (const toml::table* metadata = reader.find_table("metadata"))
    manifest.metadata = parse_metadata(*metadata, report);
  check_names(manifest.libraries, "libraries", report);
  check_names(manifest.params, "params", report);
  return manifest;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::string take_plain_text(const std::optional<PlacedString>& value, std::string_view what,
                            const TomlReport& report) {
  if (!value) return {};
  if (has_control_character(value->text))
    report.error(value->place, std::string(what) + " has a control character");
  if (value->text.size() > kLongestText) {
    report.error(value->place,
                 std::string(what) + " has at most " + std::to_string(kLongestText) + " bytes");
  }
  return value->text;
}

std::vector<PlacedString> take_patterns(const TomlReader& reader, std::string_view key,
                                        const TomlReport& report) {
  std::vector<PlacedString> patterns = reader.find_strings(key);
  for (const PlacedString& pattern : patterns) {
    take_plain_text(pattern, key, report);
    const Result<PatternList> list = PatternList::create(std::span(&pattern.text, 1), key);
    if (!list) report.error(pattern.place, list.error().message, list.error().help);
  }
  return patterns;
}

const DataType* take_data_type(const TomlReader& reader, std::string_view key,
                               const TomlReport& report) {
  const std::optional<PlacedString> name = reader.find_string(key);
  if (!name) return nullptr;
  std::vector<std::string_view> names;
  for (const DataType& type : kDataTypes) {
    if (type.name == name->text) return &type;
    names.push_back(type.name);
  }
  std::string help = suggest_sentence(name->text, names);
  if (help.empty()) {
    help = "it is one of";
    for (const std::string_view type : names) help += " " + std::string(type);
  }
  report.error(name->place, "`" + name->text + "` is no element type", std::move(help));
  return nullptr;
}

bool check_hash(const PlacedString& hash, const TomlReport& report) {
  if (hash.text.size() == 64 &&
      hash.text.find_first_not_of("0123456789abcdef") == std::string::npos)
    return true;
  report.error(hash.place, "a sha256 has 64 digits of 0-9 and a-f");
  return false;
}

bool is_pattern(std::string_view text) { return text.find_first_of("*?[\\") != text.npos; }

std::optional<Manifest> parse_manifest(Bytes bytes, std::string_view path, DiagnosticSink& sink) {
  if (Result<void> checked = check_toml_text(bytes, path, "a manifest", "bad-manifest"); !checked) {
    sink.report(std::move(checked.error()));
    return std::nullopt;
  }
  const toml::parse_result parsed = toml::parse(as_string(bytes));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    sink.report(fail("bad-manifest", text_location(path, place_of(error.source())),
                     "not TOML: " + std::string(error.description()))
                    .value());
    return std::nullopt;
  }
  DiagnosticSink problems;
  Manifest manifest = parse_root(parsed.table(), TomlReport{path, problems, "bad-manifest"});
  const bool failed = problems.has_errors();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  if (failed) return std::nullopt;
  return manifest;
}

}  // namespace wasmpack
