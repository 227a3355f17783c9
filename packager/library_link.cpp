// The first half of library.h: from the manifest's files to one object, as it is.
#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "linker/link.h"
#include "object/read.h"
#include "packager/inputs.h"
#include "packager/library.h"
#include "packager/lto.h"
#include "support/glob.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

std::vector<std::string> read_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end != 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

class LibraryLinker {
 public:
  LibraryLinker(const Manifest& manifest, const PackOptions& options, uint32_t index,
                const std::vector<std::string>* wanted, DiagnosticSink& sink)
      : manifest_(manifest), options_(options), wanted_(wanted), sink_(sink) {
    library_.index = index;
    library_.request = &manifest.libraries[index];
  }

  LinkedLibrary link() {
    LibraryInputs inputs =
        open_library_inputs(manifest_, *library_.request, options_.allow_outside, sink_);
    library_.files = std::move(inputs.paths);
    library_.input_hashes = std::move(inputs.hashes);
    if (sink_.has_errors()) return std::move(library_);
    const std::optional<std::vector<LinkInput>> compiled =
        compile_bitcode_inputs(inputs.files, sink_);
    if (sink_.has_errors() || !link_inputs(compiled ? *compiled : inputs.files))
      return std::move(library_);
    check_object();
    if (sink_.has_errors()) return std::move(library_);
    const Location where = text_location(manifest_.path, library_.request->place);
    library_.tvm = find_tvm_library(library_.object, *library_.request, where, sink_);
    library_.heap = find_heap_use(library_.object);
    list_keep_global();
    // What serves the others offers kernels only if it is asked for them.
    if (wanted_ == nullptr || !library_.request->kernels.empty()) {
      const TvmLibrary* tvm = library_.tvm ? &*library_.tvm : nullptr;
      library_.kernels = choose_kernels(library_.object, tvm, manifest_, library_.index, sink_);
    }
    check_new_names();
    list_constructors();
    list_features();
    return std::move(library_);
  }

 private:
  void report(std::string_view id, std::string message, std::string help) {
    sink_.report(fail(id, text_location(manifest_.path, library_.request->place),
                      std::move(message), std::move(help))
                     .value());
  }

  bool link_inputs(const std::vector<LinkInput>& inputs) {
    DiagnosticSink problems;
    LinkOptions options;
    if (wanted_ != nullptr) options.wanted = *wanted_;
    LinkReport link_report;
    std::optional<std::vector<uint8_t>> bytes =
        link_to_memory(inputs, options, link_report, problems);
    for (Diagnostic& problem : problems.take_sorted()) {
      problem.notes.push_back("while linking " + library_.title());
      sink_.report(std::move(problem));
    }
    if (!bytes) return false;
    library_.bytes = std::move(*bytes);
    Result<Object> object = read_object(library_.bytes, library_.name());
    if (!object) {
      sink_.report(std::move(object.error()));
      return false;
    }
    library_.object = std::move(*object);
    const int records = library_.object.find_custom_section(kLinkRecordSection);
    if (records >= 0) {
      library_.link_records =
          read_lines(as_string(library_.object.sections[static_cast<size_t>(records)].content));
    }
    return true;
  }

  void check_object() {
    if (library_.object.is64()) {
      report("wasm64-library",
             library_.title() + " is for 64-bit memory; a bundle has a 32-bit one",
             "compile it with --target=wasm32");
    }
    const auto is_start = [](std::string_view name) { return name == "_start"; };
    const bool is_program =
        std::ranges::any_of(library_.object.exports, is_start, &Export::name) ||
        std::ranges::any_of(library_.object.symbols, [&](const Symbol& symbol) {
          return symbol.is_defined() && !symbol.is_local() && is_start(symbol.name);
        });
    if (is_program) {
      report("program-in-bundle",
             library_.title() + " defines `_start`: it is a program, not a library",
             "leave its main file and crt1 out of the inputs");
    }
  }

  // One of the manifest's patterns that matches nothing is an error; for a library that serves the
  // others that is found out elsewhere.
  void list_keep_global() {
    if (wanted_ != nullptr) {
      for (const std::string& name : *wanted_) library_.keep_global.push_back(escape_pattern(name));
      return;
    }
    const std::vector<PlacedString>& patterns = library_.request->keep_global;
    for (const PlacedString& pattern : patterns) library_.keep_global.push_back(pattern.text);
    const Result<PatternList> list = PatternList::create(library_.keep_global, "keep-global");
    if (!list || patterns.empty()) return;  // the manifest's reader has checked the patterns
    std::vector<std::string_view> names;
    for (const Symbol& symbol : library_.object.symbols) {
      if (symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section)
        names.push_back(symbol.name);
    }
    std::ranges::sort(names);
    const std::vector<std::string> unmatched = list->find_unmatched(names);
    const std::unordered_set<std::string_view> without_match(unmatched.begin(), unmatched.end());
    for (const PlacedString& pattern : patterns) {
      if (!without_match.contains(pattern.text)) continue;
      sink_.report(fail("no-such-symbol", text_location(manifest_.path, pattern.place),
                        "`" + pattern.text + "` matches no global symbol that " + library_.title() +
                            " defines",
                        suggest_sentence(pattern.text, names))
                       .value());
    }
  }

  // A kernel's new name must not capture what the library wants from elsewhere.
  void check_new_names() {
    std::unordered_set<std::string_view> undefined;
    for (const Symbol& symbol : library_.object.symbols) {
      if (symbol.is_undefined()) undefined.insert(symbol.name);
    }
    for (const Kernel& kernel : library_.kernels) {
      if (kernel.name == kernel.symbol || !undefined.contains(kernel.name)) continue;
      report("kernel-name-clash",
             "kernel `" + kernel.symbol + "` of " + library_.title() + " would be named `" +
                 kernel.name +
                 "`, the name of something that the library itself needs from elsewhere",
             "choose another `prefix` or `as`");
    }
  }

  void list_constructors() {
    std::vector<InitFunction> chain = library_.object.init_functions;
    std::ranges::stable_sort(chain, {}, &InitFunction::priority);
    for (const InitFunction& init : chain) {
      library_.constructors.push_back(
          {std::string(library_.object.symbols[init.symbol].name), init.priority});
    }
  }

  void list_features() {
    for (const TargetFeature& feature : library_.object.features)
      library_.features.push_back(std::string(1, feature.prefix) + std::string(feature.name));
    std::ranges::sort(library_.features);
  }

  const Manifest& manifest_;
  const PackOptions& options_;
  const std::vector<std::string>* wanted_;
  DiagnosticSink& sink_;
  LinkedLibrary library_;
};

}  // namespace

LinkedLibrary link_library(const Manifest& manifest, const PackOptions& options, uint32_t index,
                           const std::vector<std::string>* wanted, DiagnosticSink& sink) {
  // A sink of its own: what is wrong with one library does not hide what is wrong with the next.
  DiagnosticSink problems;
  LinkedLibrary library = LibraryLinker(manifest, options, index, wanted, problems).link();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  return library;
}

std::vector<std::string_view> list_visible_symbols(const LinkedLibrary& library) {
  std::vector<std::string_view> names;
  const bool seal = library.request->seal;
  const PatternList keep_global =
      PatternList::create(library.keep_global, "keep-global").value_or(PatternList());
  std::unordered_set<std::string_view> renamed;
  for (const Kernel& kernel : library.kernels) {
    names.push_back(kernel.name);
    renamed.insert(kernel.symbol);
  }
  for (const Symbol& symbol : library.object.symbols) {
    if (symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section &&
        (keep_global.matches(symbol.name) || (!seal && !renamed.contains(symbol.name))))
      names.push_back(symbol.name);
  }
  return names;
}

}  // namespace wasmpack
