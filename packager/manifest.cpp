// The schema as tables of keys, and one function for each TOML table of it.
#include "packager/manifest.h"

#include <array>
#include <map>
#include <utility>

#include "packager/manifest_text.h"
#include "packager/toml_reader.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

constexpr bool kLater = false;  // a key of schema 1 that this version does not implement

constexpr TomlKey kRootKeys[] = {{"schema"},        {"package"},          {"bundle"},
                                 {"library"},       {"features", kLater}, {"param", kLater},
                                 {"ctors", kLater}, {"metadata", kLater}};
constexpr TomlKey kPackageKeys[] = {{"name"},    {"version"}, {"description"}, {"license"},
                                    {"authors"}, {"source"},  {"homepage"},    {"revision"}};
constexpr TomlKey kBundleKeys[] = {{"init"},
                                   {"memory"},
                                   {"stack-size"},
                                   {"export-kernels"},
                                   {"undefined"},
                                   {"allow-imports"},
                                   {"global-base", kLater},
                                   {"signature-mismatch", kLater},
                                   {"optimize", kLater},
                                   {"strip", kLater},
                                   {"adapters", kLater}};
constexpr TomlKey kMemoryKeys[] = {{"initial"}, {"max"}, {"import", kLater}};
constexpr TomlKey kLibraryKeys[] = {{"name"},
                                    {"inputs"},
                                    {"archives"},
                                    {"prefix"},
                                    {"seal"},
                                    {"keep-global"},
                                    {"kernel"},
                                    {"abi", kLater},
                                    {"producer", kLater},
                                    {"sha256", kLater},
                                    {"license", kLater},
                                    {"export", kLater}};
constexpr TomlKey kKernelKeys[] = {{"symbol"},      {"as"},           {"signature"},
                                   {"doc", kLater}, {"args", kLater}, {"results", kLater}};

constexpr std::string_view kArchiveChoices[] = {"whole", "lazy"};
constexpr std::string_view kUndefinedChoices[] = {"error", "import"};
// Only the first one is implemented.
constexpr std::string_view kInitChoices[] = {"initialize", "start", "lazy", "snapshot"};

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

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

bool is_glob(std::string_view text) { return text.find_first_of("*?[\\") != text.npos; }

class ManifestParser {
 public:
  ManifestParser(std::string_view path, DiagnosticSink& sink) : report_{path, sink} {}

  Manifest parse(const toml::table& root) {
    Manifest manifest;
    manifest.path = report_.path;
    // Another schema has other keys: its number is the only thing to say.
    const toml::node* schema = root.get("schema");
    if (schema == nullptr || !schema->is_integer() || schema->as_integer()->get() != 1) {
      report_.error(schema != nullptr ? place_of(schema->source()) : ManifestPlace{1, 1},
                    schema != nullptr ? "this version of wasmpack reads manifests of schema 1"
                                      : "the key `schema` is missing",
                    schema != nullptr ? "" : "begin the manifest with `schema = 1`");
      return manifest;
    }
    const TomlReader reader(root, "the manifest", kRootKeys, report_);
    if (const toml::table* package = reader.find_table("package"))
      manifest.package = parse_package(*package);
    else if (!reader.has("package"))
      report_.error({1, 1}, "the table [package] is missing", "it needs `name` and `version`");
    if (const toml::table* bundle = reader.find_table("bundle"))
      manifest.bundle = parse_bundle(*bundle);
    if (!reader.has("library")) report_.error({1, 1}, "no [[library]]: a bundle has at least one");
    for (const toml::table* library : reader.find_tables("library"))
      manifest.libraries.push_back(parse_library(*library));
    check_library_names(manifest.libraries);
    return manifest;
  }

 private:
  std::string take_name(const std::optional<PlacedString>& value, std::string_view what) const {
    if (!value) return {};
    if (has_control_character(value->text))
      report_.error(value->place, std::string(what) + " has a control character");
    return value->text;
  }

  std::vector<PlacedString> take_patterns(const TomlReader& reader, std::string_view key) const {
    std::vector<PlacedString> patterns = reader.find_strings(key);
    for (const PlacedString& pattern : patterns) {
      take_name(pattern, key);
      const Result<PatternList> list = PatternList::create(std::span(&pattern.text, 1), key);
      if (!list) report_.error(pattern.place, list.error().message, list.error().help);
    }
    return patterns;
  }

  PackageInfo parse_package(const toml::table& table) const {
    const TomlReader reader(table, "[package]", kPackageKeys, report_);
    PackageInfo package;
    package.name = take_name(reader.require_string("name"), "the package's name");
    const std::optional<PlacedString> version = reader.require_string("version");
    if (version && !is_semantic_version(version->text)) {
      report_.error(version->place, "`" + version->text + "` is no semantic version",
                    "a version is three numbers, as in \"1.2.0\"");
    } else if (version) {
      package.version = version->text;
    }
    const std::pair<std::string_view, std::string*> texts[] = {
        {"description", &package.description},
        {"license", &package.license},
        {"source", &package.source},
        {"homepage", &package.homepage},
        {"revision", &package.revision}};
    for (const auto& [key, text] : texts) {
      if (std::optional<PlacedString> value = reader.find_string(key))
        *text = std::move(value->text);
    }
    for (PlacedString& author : reader.find_strings("authors"))
      package.authors.push_back(std::move(author.text));
    return package;
  }

  // A size in whole pages of at most 4 GiB.
  std::optional<uint64_t> take_memory_size(const TomlReader& reader, std::string_view key) const {
    const std::optional<uint64_t> size = reader.find_size(key);
    if (!size) return std::nullopt;
    if (*size == 0 || *size > uint64_t{1} << 32) {
      report_.error(reader.place(key), "a memory has 1 byte to 4 GiB");
      return std::nullopt;
    }
    return (*size + kWasmPage - 1) / kWasmPage * kWasmPage;
  }

  BundleOptions parse_bundle(const toml::table& table) const {
    const TomlReader reader(table, "[bundle]", kBundleKeys, report_);
    BundleOptions bundle;
    const std::optional<size_t> init = reader.find_choice("init", kInitChoices);
    if (init && *init != 0) {
      report_.error(reader.place("init"),
                    "init = \"" + std::string(kInitChoices[*init]) +
                        "\" is not supported by this version of wasmpack",
                    "it has init = \"initialize\"");
    }
    if (const toml::table* memory = reader.find_table("memory")) {
      const TomlReader sizes(*memory, "memory", kMemoryKeys, report_);
      bundle.initial_memory = take_memory_size(sizes, "initial");
      bundle.maximum_memory = take_memory_size(sizes, "max");
      if (bundle.initial_memory && bundle.maximum_memory &&
          *bundle.initial_memory > *bundle.maximum_memory)
        report_.error(sizes.place("max"), "`max` is less than `initial`");
    }
    if (const std::optional<uint64_t> size = reader.find_size("stack-size")) {
      // lld asks for a multiple of 16; the stack must leave room in 32 bits.
      bundle.stack_size = (*size + 15) / 16 * 16;
      if (*size == 0 || *size > uint64_t{1} << 31)
        report_.error(reader.place("stack-size"), "a stack has 1 byte to 2 GiB");
    }
    bundle.export_kernels = reader.find_bool("export-kernels").value_or(true);
    if (reader.find_choice("undefined", kUndefinedChoices) == size_t{1})
      bundle.undefined = UndefinedPolicy::import;
    for (PlacedString& pattern : take_patterns(reader, "allow-imports"))
      bundle.allow_imports.push_back(std::move(pattern.text));
    return bundle;
  }

  LibraryRequest parse_library(const toml::table& table) const {
    const TomlReader reader(table, "[[library]]", kLibraryKeys, report_);
    LibraryRequest library;
    library.place = place_of(table.source());
    const std::optional<PlacedString> name = reader.require_string("name");
    take_name(name, "a library's name");
    library.name = name.value_or(PlacedString{"", library.place});
    library.inputs = reader.find_strings("inputs");
    for (const PlacedString& input : library.inputs) {
      take_name(input, "a path");
      if (input.text.empty()) report_.error(input.place, "an empty path");
    }
    if (library.inputs.empty() && (!reader.has("inputs") || table.get("inputs")->is_array()))
      report_.error(reader.place("inputs"), "[[library]] needs `inputs`, at least one");
    library.whole_archives = reader.find_choice("archives", kArchiveChoices) != size_t{1};
    library.prefix = take_name(reader.find_string("prefix"), "a prefix");
    library.seal = reader.find_bool("seal").value_or(true);
    library.keep_global = take_patterns(reader, "keep-global");
    for (const toml::table* kernel : reader.find_tables("kernel"))
      library.kernels.push_back(parse_kernel(*kernel));
    return library;
  }

  KernelRequest parse_kernel(const toml::table& table) const {
    const TomlReader reader(table, "[[library.kernel]]", kKernelKeys, report_);
    KernelRequest kernel;
    const std::optional<PlacedString> symbol = reader.require_string("symbol");
    take_name(symbol, "a symbol");
    kernel.symbol = symbol.value_or(PlacedString{});
    kernel.as = reader.find_string("as");
    take_name(kernel.as, "a kernel's name");
    if (kernel.as && kernel.as->text.empty())
      report_.error(kernel.as->place, "a kernel's name must not be empty");
    if (kernel.as && is_glob(kernel.symbol.text)) {
      report_.error(kernel.as->place,
                    "`as` renames one exact symbol, `" + kernel.symbol.text + "` is a pattern");
    }
    kernel.signature = reader.find_string("signature");
    return kernel;
  }

  void check_library_names(const std::vector<LibraryRequest>& libraries) const {
    std::map<std::string_view, ManifestPlace> seen;
    for (const LibraryRequest& library : libraries) {
      if (library.name.text.empty()) continue;
      const auto [first, is_new] = seen.try_emplace(library.name.text, library.name.place);
      if (!is_new) {
        report_.error_with_note(library.name.place,
                                "two libraries have the name `" + library.name.text + "`",
                                first->second, "the first one");
      }
    }
  }

  TomlReport report_;
};

}  // namespace

std::optional<Manifest> parse_manifest(Bytes bytes, std::string_view path, DiagnosticSink& sink) {
  if (Result<void> checked = check_manifest_text(bytes, path); !checked) {
    sink.report(std::move(checked.error()));
    return std::nullopt;
  }
  const toml::parse_result parsed = toml::parse(as_string(bytes));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    sink.report(fail("bad-manifest", manifest_location(path, place_of(error.source())),
                     "not TOML: " + std::string(error.description()))
                    .value());
    return std::nullopt;
  }
  DiagnosticSink problems;
  Manifest manifest = ManifestParser(path, problems).parse(parsed.table());
  const bool failed = problems.has_errors();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  if (failed) return std::nullopt;
  return manifest;
}

}  // namespace wasmpack
