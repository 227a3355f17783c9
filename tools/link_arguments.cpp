#include "tools/link_arguments.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/Allocator.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/StringSaver.h>
#include <CLI/CLI.hpp>

namespace wasmpack {
namespace {

constexpr char kDescription[] =
    "Links wasm objects and archives into one relocatable object that keeps what went in.\n\n"
    "An object is taken whole by every final linker. An archive (-o lib.a) is pulled only by\n"
    "reference or with --whole-archive: choose it only for tools that insist on one.";

constexpr char kFooter[] =
    "Patterns are globs (* ? [...]) matched against whole names. Names that the linker owns\n"
    "(__stack_pointer, __wasm_call_ctors, ...) are left alone unless named exactly.\n\n"
    "Examples:\n"
    "  wasmpack link a.o b.o -o lib.o\n"
    "  wasmpack link --keep-global-symbol='conv_*' conv.o libhelpers.a -o conv_sealed.o\n"
    "  wasmpack link --prefix-symbols=a_ --init-guard a.o -o a_lib.o\n"
    "  wasmpack link --lazy-archives main.o /usr/lib/wasm32-wasi/libc.a -o app.o\n";

// Marks of the words that stand for positional inputs, so that their order relative to
// --whole-archive survives CLI11.
constexpr char kWholeMark = '\x01';
constexpr char kLazyMark = '\x02';

// The words of argv with response files expanded (GNU quoting).
std::vector<std::string> expand_words(int argc, char** argv) {
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver saver(allocator);
  llvm::SmallVector<const char*, 64> words(argv, argv + argc);
  llvm::cl::ExpandResponseFiles(saver, llvm::cl::TokenizeGNUCommandLine, words);
  return {words.begin() + 1, words.end()};
}

// Lists of symbols that may also be read from a file, as in objcopy.
struct ListOption {
  const char* name;       // "--localize-symbol"
  const char* file_name;  // "--localize-symbols"
  const char* help;
  std::vector<std::string> SymbolEdits::* list;
  std::vector<std::string> files = {};
};

std::vector<ListOption> list_options() {
  return {
      {"--keep-global-symbol", "--keep-global-symbols",
       "Seal: keep matching symbols global and make all other defined ones local",
       &SymbolEdits::keep_global},
      {"--localize-symbol", "--localize-symbols", "Make matching defined symbols local",
       &SymbolEdits::localize},
      {"--globalize-symbol", "--globalize-symbols",
       "Make matching local symbols global; they then take part in symbol resolution",
       &SymbolEdits::globalize},
      {"--weaken-symbol", "--weaken-symbols", "Make matching global symbols weak",
       &SymbolEdits::weaken},
  };
}

// One name a line; blank lines and what follows '#' do not count.
bool read_list(const std::string& path, std::vector<std::string>& out, LinkArguments& arguments) {
  Result<InputFile> file = InputFile::open(path);
  if (!file) {
    print_diagnostic(file.error(), arguments.report);
    return false;
  }
  llvm::SmallVector<llvm::StringRef, 32> lines;
  const std::string_view text = as_string(file->bytes());
  llvm::StringRef(text.data(), text.size()).split(lines, '\n');
  for (llvm::StringRef line : lines) {
    line = line.split('#').first.trim();
    if (!line.empty()) out.push_back(line.str());
  }
  arguments.list_files.push_back(std::move(*file));
  return true;
}

bool parse_redefinition(const std::string& text, bool is_file_line, SymbolEdits& edits,
                        const ReportOptions& report) {
  const llvm::StringRef line(text);
  auto [old_name, new_name] = is_file_line ? llvm::getToken(line) : line.split('=');
  new_name = new_name.trim();
  if (old_name.empty() || new_name.empty()) {
    print_diagnostic(fail("usage", {}, "cannot read the renaming `" + text + "`",
                          is_file_line ? "each line is: OLD NEW" : "write --redefine-sym OLD=NEW")
                         .value(),
                     report);
    return false;
  }
  edits.redefine.emplace_back(old_name.str(), new_name.str());
  return true;
}

// Whether the value of option `word` is the next word: "--map", "-o", "-vo".
bool takes_next_word(const CLI::App& app, const std::string& word) {
  const auto takes_value = [&](const std::string& name) {
    const CLI::Option* option = app.get_option_no_throw(name);
    return option != nullptr && option->get_items_expected_max() > 0;
  };
  if (word.starts_with("--")) return takes_value(word);
  for (size_t i = 1; i < word.size(); ++i)
    if (takes_value(std::string("-") + word[i])) return i + 1 == word.size();
  return false;
}

// Marks positional words with the archive mode in force and takes the mode switches out.
std::vector<std::string> mark_inputs(const CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> marked;
  bool is_whole = true;
  for (const std::string& word : words)
    if (word == "--lazy-archives") is_whole = false;
  bool only_inputs = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool is_option = !only_inputs && word.size() > 1 && word[0] == '-';
    if (!is_option) {
      marked.push_back((is_whole ? kWholeMark : kLazyMark) + word);
    } else if (word == "--") {
      only_inputs = true;
    } else if (word == "--whole-archive" || word == "--no-whole-archive") {
      is_whole = word == "--whole-archive";
    } else if (word == "--init-guard") {
      marked.push_back("--init-guard=_initialize,wapc_init");  // never eats the next word
    } else {
      marked.push_back(word);
      if (takes_next_word(app, word) && i + 1 < words.size()) marked.push_back(words[++i]);
    }
  }
  return marked;
}

std::vector<std::string> split_guard_names(const std::string& text) {
  std::vector<std::string> names;
  if (text == "none") return names;
  llvm::SmallVector<llvm::StringRef, 4> parts;
  llvm::StringRef(text).split(parts, ',', -1, /*KeepEmpty=*/false);
  for (const llvm::StringRef part : parts) names.push_back(part.str());
  return names;
}

}  // namespace

std::optional<int> parse_link_arguments(int argc, char** argv, LinkArguments& arguments) {
  CLI::App app(kDescription, "wasmpack link");
  app.footer(kFooter);
  app.set_help_flag("-h,--help", "This text");
  SymbolEdits& edits = arguments.link.edits;
  std::vector<std::string> marked_inputs, redefine, redefine_files;
  std::string init_guard;

  app.add_option("inputs", marked_inputs,
                 "Objects and archives; @FILE holds more words, - is stdin")
      ->required();
  app.add_option("-o,--output", arguments.output,
                 "Output file [linked.o]; NAME.a: an archive of it")
      ->group("Files");
  // The next three are taken out by mark_inputs(), because their place among the inputs counts.
  bool unused = false;
  app.add_flag("--lazy-archives", unused, "Take archive members only when something refers to them")
      ->group("Files");
  app.add_flag("--whole-archive", unused, "From here on take all members of archives (the default)")
      ->group("Files");
  app.add_flag("--no-whole-archive", unused, "From here on take members on demand")->group("Files");
  app.add_option("--depfile", arguments.depfile, "Write a make rule with all input files")
      ->group("Files");
  app.add_option("--map", arguments.map, "Write where everything went")->group("Files");
  app.add_option("--reproduce", arguments.reproduce,
                 "Write a tar of all inputs and the command line")
      ->group("Files");

  app.add_flag("--allow-multiple-definition", arguments.link.allow_multiple_definition,
               "Take the first of several strong definitions")
      ->group("Symbols");
  app.add_flag("--report-undefined", arguments.link.report_undefined,
               "Undefined symbols are errors")
      ->group("Symbols");
  std::vector<ListOption> lists = list_options();
  for (ListOption& list : lists) {
    app.add_option(list.name, edits.*list.list, list.help)
        ->allow_extra_args(false)
        ->group("Symbols");
    app.add_option(list.file_name, list.files, "The same, one pattern a line of FILE")
        ->allow_extra_args(false)
        ->type_name("FILE")
        ->group("Symbols");
  }
  app.add_flag("--localize-hidden", edits.localize_hidden,
               "Make symbols of hidden visibility local (clang's default visibility on wasm!)")
      ->group("Symbols");
  app.add_option("--prefix-symbols", edits.prefix,
                 "Put a prefix before every defined global symbol")
      ->group("Symbols");
  app.add_option("--redefine-sym", redefine,
                 "Rename a symbol; an import keeps its module and field")
      ->allow_extra_args(false)
      ->type_name("OLD=NEW")
      ->group("Symbols");
  app.add_option("--redefine-syms", redefine_files, "The same, OLD NEW on each line of FILE")
      ->allow_extra_args(false)
      ->type_name("FILE")
      ->group("Symbols");
  app.add_option("--export", edits.export_, "Mark matching symbols as exported by the final module")
      ->allow_extra_args(false)
      ->group("Symbols");
  app.add_option("--unexport", edits.unexport,
                 "Take export marks and export names of matching symbols away")
      ->allow_extra_args(false)
      ->group("Symbols");
  app.add_option("--retain", edits.retain, "Keep matching symbols through garbage collection")
      ->allow_extra_args(false)
      ->group("Symbols");
  app.add_option("--trace-symbol", arguments.link.trace_symbols,
                 "Print which inputs define and use a symbol")
      ->allow_extra_args(false)
      ->group("Symbols");

  app.add_flag("--gc", arguments.link.gc,
               "Drop what kept, exported and retained symbols do not reach")
      ->group("Contents");
  app.add_flag("--strip-debug", arguments.link.strip_debug, "Leave debug sections out")
      ->group("Contents");
  app.add_option("--remove-section", arguments.link.remove_sections,
                 "Leave matching custom sections out")
      ->allow_extra_args(false)
      ->group("Contents");
  CLI::Option* guard =
      app.add_option("--init-guard", init_guard,
                     "Let constructors run once, and add entry points that run them\n"
                     "[_initialize,wapc_init]; none: guard them but add no entry point")
          ->type_name("[=NAME,...]")
          ->group("Contents");

  app.add_option("--threads", arguments.threads, "Threads to use; 0: one per core")->group("Run");
  app.add_flag("-v,--verbose", arguments.verbose, "Print what was kept or dropped, and phase times")
      ->group("Run");
  add_report_options(app, arguments.report);

  arguments.words = expand_words(argc, argv);
  if (std::optional<int> code = parse_arguments(app, mark_inputs(app, arguments.words)))
    return code;

  for (const std::string& marked : marked_inputs)
    arguments.inputs.push_back({marked.substr(1), marked[0] == kWholeMark});
  bool ok = true;
  for (ListOption& list : lists)
    for (const std::string& file : list.files) ok &= read_list(file, edits.*list.list, arguments);
  for (const std::string& text : redefine)
    ok &= parse_redefinition(text, false, edits, arguments.report);
  for (const std::string& file : redefine_files) {
    std::vector<std::string> lines;
    ok &= read_list(file, lines, arguments);
    for (const std::string& line : lines)
      ok &= parse_redefinition(line, true, edits, arguments.report);
  }
  if (guard->count() != 0) arguments.link.init_guard = split_guard_names(init_guard);
  return ok ? std::nullopt : std::optional(kExitUsage);
}

}  // namespace wasmpack
