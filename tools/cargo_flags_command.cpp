// `wasmpack cargo-flags`: kernel libraries in; one object, and the directives with which a Cargo
// build script keeps it, out. The crate integrations/cargo/wasmpack-build calls this command.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "object/file_kind.h"
#include "support/cargo_package.h"
#include "support/input_file.h"
#include "support/output_file.h"
#include "tools/cargo_directives.h"
#include "tools/command.h"
#include "tools/entry_object.h"
#include "tools/link_command.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

constexpr char kDescription[] =
    "Links kernel libraries into one object and prints the directives with which the build script\n"
    "of a Cargo package keeps it whole and runs its constructors once, for every rustc.";

constexpr char kFooter[] =
    "What follows -- goes to `wasmpack link`. In a build script cargo sets OUT_DIR, TARGET,\n"
    "CARGO_MANIFEST_DIR, CARGO_PKG_NAME and DEP_*_OBJECT, which the options' defaults come from.\n"
    "For a TARGET that is not wasm nothing is written and printed.\n\n"
    "Examples:\n"
    "  wasmpack cargo-flags libkernels.a\n"
    "  wasmpack cargo-flags --name conv a.o b.o -- --prefix-symbols=conv_\n"
    "  wasmpack cargo-flags --deps\n";

constexpr char kObjectPrefix[] = "DEP_";
constexpr char kObjectSuffix[] = "_OBJECT";

struct CargoFlagsOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> link_words;  // behind --
  std::string name;
  std::string out_dir = ".";
  std::string target = "wasm32-unknown-unknown";
  std::string entry = "auto";
  std::vector<std::string> crate_types;
  bool deps = false;
  ReportOptions report;
};

std::string read_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

void add_options(CLI::App& app, CargoFlagsOptions& options) {
  app.footer(kFooter);
  app.add_option("INPUT", options.inputs, "Objects and archives, taken whole")->type_name("");
  app.add_option("--name", options.name,
                 "The library's name: letters, digits, _ and - (default: the first input's, "
                 "without lib and suffix)")
      ->type_name("NAME");
  app.add_option("--out-dir", options.out_dir,
                 "DIR/wasmpack/NAME.o is written (default: OUT_DIR, else the current folder)")
      ->type_name("DIR")
      ->envname("OUT_DIR");
  app.add_option("--target", options.target,
                 "The target triple (default: TARGET, else wasm32-unknown-unknown)")
      ->type_name("TRIPLE")
      ->envname("TARGET");
  app.add_option("--entry", options.entry,
                 "Which programs export _initialize and wapc_init: auto, the default (cdylibs, and "
                 "all where no start-up code runs constructors), always, or none")
      ->type_name("WHEN")
      ->check(one_of({"auto", "always", "none"}));
  app.add_option("--crate-type", options.crate_types,
                 "What the package builds, such as cdylib or bin; may be given again (default: "
                 "what the Cargo.toml in CARGO_MANIFEST_DIR says)")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  app.add_flag("--deps", options.deps,
               "Print the directives for the libraries of the package's dependencies "
               "(DEP_*_OBJECT)");
  add_report_options(app, options.report);
}

CargoEntry parse_entry(std::string_view word) {
  if (word == "always") return CargoEntry::always;
  return word == "none" ? CargoEntry::none : CargoEntry::automatic;
}

// "path/libconv.a" -> "conv".
std::string name_of_input(const std::string& path) {
  std::string name = fs::path(path).stem().string();
  if (name.starts_with("lib") && path.ends_with(".a")) name.erase(0, 3);
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '_';
  return name;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto [rest, ignored] =
      std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return rest == folder.end() || rest->empty();
}

Result<std::string> make_absolute(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return fail("cannot-read", {.file = path}, error.message());
  std::string text = absolute.lexically_normal().string();
  // A line break would begin another directive.
  if (text.find_first_of("\r\n") != text.npos)
    return fail("usage", {.file = path}, "cargo takes no path with a line break");
  return text;
}

class CargoFlagsRun {
 public:
  explicit CargoFlagsRun(const CargoFlagsOptions& options) : options_(options) {}

  int run() {
    if (options_.deps != options_.inputs.empty()) {
      return report(options_.deps ? fail("usage", {}, "--deps takes no inputs",
                                         "print the directives of both with two commands")
                                  : fail("usage", {}, "no inputs given",
                                         "name objects and archives, or --deps"));
    }
    const auto asks_help = [](std::string_view word) { return word == "-h" || word == "--help"; };
    if (std::ranges::any_of(options_.link_words, asks_help)) {
      return report(fail("usage", {}, "behind -- are options with which to link, and help is none",
                         "`wasmpack link --help` has them"));
    }
    if (options_.deps && !options_.link_words.empty())
      return report(fail("usage", {}, "--deps links nothing, so nothing may follow --"));
    target_ = read_cargo_target(options_.target);
    if (!target_.is_wasm) return kExitDone;
    if (target_.is_wide) {
      return report(fail("usage", {}, "the target " + options_.target + " has 64-bit memory",
                         "cargo-flags is for wasm32; `wasmpack link` links wasm64, too"));
    }
    if (const Result<void> read = read_package(); !read) return report(read.error());
    return options_.deps ? print_dependencies() : print_library();
  }

 private:
  int report(Diagnostic diagnostic) const {
    const bool is_usage = diagnostic.id == "usage" || diagnostic.id == "cannot-read" ||
                          diagnostic.id == "bad-cargo-manifest";
    print_diagnostic(diagnostic, options_.report);
    return is_usage ? kExitUsage : kExitFailed;
  }
  int report(tl::unexpected<Diagnostic> error) const { return report(std::move(error.value())); }
  void warn(std::string message, std::string help) const {
    Diagnostic warning = fail("cargo", {}, std::move(message), std::move(help)).value();
    warning.severity = Severity::warning;
    print_diagnostic(warning, options_.report);
  }

  // What the package builds.
  Result<void> read_package() {
    for (const std::string& type : options_.crate_types) {
      package_.has_cdylib |= type == "cdylib";
      has_programs_ |= type != "lib" && type != "rlib";
    }
    const std::string folder = read_variable("CARGO_MANIFEST_DIR");
    if (!options_.crate_types.empty() || folder.empty()) return {};
    const Result<InputFile> file = InputFile::open(folder + "/Cargo.toml");
    if (!file) return tl::make_unexpected(file.error());
    Result<CargoPackage> package = parse_cargo_package(file->bytes(), file->path());
    if (!package) {
      if (package.error().help.empty()) package.error().help = "--crate-type says what it builds";
      return tl::make_unexpected(std::move(package.error()));
    }
    package_ = *package;
    std::error_code ignored;
    has_programs_ = package_.has_cdylib || package_.has_bin_table ||
                    fs::exists(folder + "/src/main.rs", ignored) ||
                    fs::exists(folder + "/src/bin", ignored);
    if (!has_programs_ && !package_.has_links) {
      warn("only the package's own programs get the kernels: it has neither a program nor `links`",
           "add `links = \"NAME\"` to [package] in Cargo.toml, and let the build script of the "
           "final crate call link_deps() or print the lines of `wasmpack cargo-flags --deps`");
    }
    return {};
  }

  int print_library() {
    std::vector<std::string> inputs;
    for (const std::string& input : options_.inputs) {
      if (input == "-") return report(fail("usage", {}, "cargo-flags reads files only"));
      Result<std::string> path = make_absolute(input);
      if (!path) return report(path.error());
      inputs.push_back(std::move(*path));
    }
    const std::string name =
        options_.name.empty() ? name_of_input(options_.inputs[0]) : options_.name;
    if (!is_name(name)) {
      return report(fail("usage", {}, "`" + name + "` is no name for a library",
                         "--name takes letters, digits, _ and -"));
    }
    const Result<std::string> folder = make_folder();
    if (!folder) return report(folder.error());
    const std::string object = *folder + "/" + name + ".o";
    if (const int code = link(inputs, object); code != kExitDone) return code;
    if (read_files_.empty()) {  // help, in a response file
      return report(fail("usage", {}, "with the options behind -- `wasmpack link` reads nothing",
                         "`wasmpack link --help` has its options"));
    }

    const std::string witness = cargo_witness_name(read_variable("CARGO_PKG_NAME"), name);
    constexpr std::string_view kEmptyArchive = "!<arch>\n";
    if (const Result<void> written =
            write_whole_file(*folder + "/lib" + witness + ".a", as_bytes(kEmptyArchive));
        !written)
      return report(written.error());

    std::string text;
    // What the build script made itself is always newer than its last run.
    const std::string made = read_variable("OUT_DIR");
    for (const std::string& file : read_files_) {
      const Result<std::string> path = make_absolute(file);
      if (path && (made.empty() || !lies_in(*path, made)))
        text += "cargo:rerun-if-changed=" + *path + "\n";
    }
    text += "cargo:rustc-link-lib=dylib=" + witness + "\n";
    text += print_cargo_objects({object});
    if (const Result<void> added = add_entry(*folder, text); !added) return report(added.error());
    text += "cargo:object=" + object + "\n";
    return print_output(text, options_.report) ? kExitDone : kExitFailed;
  }

  // The folder of the outputs.
  Result<std::string> make_folder() const {
    const Result<std::string> out_dir = make_absolute(options_.out_dir);
    if (!out_dir) return out_dir;
    if (out_dir->find(':') != out_dir->npos) {
      return fail("usage", {.file = *out_dir}, "in DEP_*_OBJECT ':' stands between paths",
                  "give cargo a --target-dir without it");
    }
    std::string folder = (fs::path(*out_dir) / "wasmpack").string();
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail("cannot-write", {.file = folder}, error.message());
    return folder;
  }

  // Writes the object of the entry points and adds its directive, if any program wants it.
  Result<void> add_entry(const std::string& folder, std::string& text) const {
    // In a folder of its own: a library may have its name.
    const fs::path object = fs::path(folder) / "entry" / "entry.o";
    const std::string line = print_cargo_entry(target_, parse_entry(options_.entry),
                                               package_.has_cdylib, object.string());
    if (line.empty()) return {};
    std::error_code error;
    fs::create_directories(object.parent_path(), error);
    if (error)
      return fail("cannot-write", {.file = object.parent_path().string()}, error.message());
    text += line;
    return write_entry_object(object.string());
  }

  int link(const std::vector<std::string>& inputs, const std::string& object) {
    // The entry points are an object of their own (print_cargo_entry()).
    std::vector<std::string> words = {"link", "--init-guard=none",
                                      "--color=" + options_.report.color,
                                      "--message-format=" + options_.report.message_format};
    words.insert(words.end(), {"-o", object});
    words.insert(words.end(), options_.link_words.begin(), options_.link_words.end());
    words.emplace_back("--");
    words.insert(words.end(), inputs.begin(), inputs.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    const int argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    return run_link(argc, argv.data(), read_files_);
  }

  int print_dependencies() {
    std::vector<std::string> objects;
    for (const auto& [name, value] : list_object_variables()) add_objects(name, value, objects);
    if (objects.empty()) {
      warn("no dependency hands on a kernel library for wasm (DEP_*_OBJECT)",
           "cargo sets it for direct dependencies that have `links` in [package]");
    }
    std::string text;
    for (const std::string& object : objects) text += "cargo:rerun-if-changed=" + object + "\n";
    text += print_cargo_objects(objects);
    if (!objects.empty()) {
      const Result<std::string> folder = make_folder();
      if (!folder) return report(folder.error());
      if (const Result<void> added = add_entry(*folder, text); !added) return report(added.error());
    }
    if (!objects.empty() && (package_.has_links || !read_variable("CARGO_MANIFEST_LINKS").empty()))
      text += "cargo:object=" + join(objects) + "\n";
    return print_output(text, options_.report) ? kExitDone : kExitFailed;
  }

  // By name, so that the link line does not depend on the order of the environment.
  static std::map<std::string, std::string> list_object_variables() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      const size_t equals = text.find('=');
      if (equals == text.npos) continue;
      const std::string_view name = text.substr(0, equals);
      if (name.starts_with(kObjectPrefix) && name.ends_with(kObjectSuffix))
        variables.emplace(name, text.substr(equals + 1));
    }
    return variables;
  }

  // `value`: paths with ':' between them.
  void add_objects(const std::string& name, std::string_view value,
                   std::vector<std::string>& objects) const {
    while (!value.empty()) {
      const size_t end = std::min(value.find(':'), value.size());
      std::string path(value.substr(0, end));
      value.remove_prefix(std::min(end + 1, value.size()));
      const Result<InputFile> file = InputFile::open(path);
      if (!file || identify_file(file->bytes()) != FileKind::object) {
        warn(name + " names no wasm object: " + path, "it is left alone");
      } else if (std::ranges::find(objects, path) == objects.end()) {
        objects.push_back(std::move(path));
      }
    }
  }

  static std::string join(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += (text.empty() ? "" : ":") + path;
    return text;
  }

  const CargoFlagsOptions& options_;
  CargoTarget target_;
  CargoPackage package_;
  bool has_programs_ = false;
  std::vector<std::string> read_files_;
};

}  // namespace

int run_cargo_flags(int argc, char** argv) {
  CLI::App app(kDescription, "wasmpack cargo-flags");
  CargoFlagsOptions options;
  add_options(app, options);
  char** const end = argv + argc;
  char** const dashes =
      std::find_if(argv + 1, end, [](std::string_view word) { return word == "--"; });
  if (dashes != end) options.link_words.assign(dashes + 1, end);
  if (const std::optional<int> code = parse_arguments(app, static_cast<int>(dashes - argv), argv))
    return *code;
  return CargoFlagsRun(options).run();
}

}  // namespace wasmpack
