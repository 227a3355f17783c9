#include "packager/library.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>

#include "linker/link.h"
#include "linker/reserved_names.h"
#include "object/read.h"
#include "object/write.h"
#include "packager/inputs.h"
#include "packager/lto.h"
#include "support/glob.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

// What an allocator needs that takes the memory behind the static data for its own. Two of them, or
// one and the bundle's own, would hand out the same bytes.
constexpr std::string_view kHeapSymbols[] = {"__heap_base", "__heap_end", "sbrk", "brk"};

constexpr std::string_view kCallConstructors = "__wasm_call_ctors";

// Linking.md: the numbers of the `linking` subsections.
constexpr uint8_t kInitFunctionsSubsection = 6;
constexpr uint8_t kSymbolTableSubsection = 8;

std::string hash_bytes(Bytes bytes) {
  const std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::ArrayRef<uint8_t>(bytes.data(), bytes.size()));
  return llvm::toHex(hash, /*LowerCase=*/true);
}

// A pattern that matches exactly `name`.
std::string escape_pattern(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

bool is_defined_global(const Symbol& symbol) {
  return symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section;
}

class LibraryPreparer {
 public:
  LibraryPreparer(const Manifest& manifest, uint32_t index, CtorNumbers& numbers,
                  DiagnosticSink& sink)
      : manifest_(manifest),
        request_(manifest.libraries[index]),
        index_(index),
        numbers_(numbers),
        sink_(sink) {}

  PreparedLibrary prepare() {
    result_.name = request_.name.text;
    result_.prefix = request_.prefix;
    const std::vector<LinkInput> inputs = open_library_inputs(manifest_, request_, sink_);
    if (sink_.has_errors()) return std::move(result_);
    const std::optional<std::vector<LinkInput>> compiled = compile_bitcode_inputs(inputs, sink_);
    if (sink_.has_errors()) return std::move(result_);
    const std::optional<std::vector<uint8_t>> plain = link(compiled ? *compiled : inputs, {});
    if (!plain) return std::move(result_);
    const std::optional<Object> object = read(*plain);
    if (!object || !check_object(*object)) return std::move(result_);
    for (const LinkInput& input : inputs)
      result_.input_hashes.push_back(hash_bytes(input.file.bytes()));
    take_link_records(*object);
    result_.kernels = choose_kernels(*object, manifest_, index_, sink_);
    check_new_names(*object);
    LinkOptions options;
    options.edits = plan_edits(*object);
    if (sink_.has_errors()) return std::move(result_);

    std::vector<LinkInput> sealing;
    sealing.push_back({InputFile::from_bytes(title(), *plain)});
    const std::optional<std::vector<uint8_t>> sealed = link(sealing, options);
    if (!sealed) return std::move(result_);
    if (const std::optional<Object> finished = read(*sealed)) finish(*finished);
    return std::move(result_);
  }

 private:
  std::string title() const { return "library `" + request_.name.text + "`"; }

  void report(std::string_view id, std::string message, std::string help) {
    sink_.report(fail(id, manifest_location(manifest_.path, request_.place), std::move(message),
                      std::move(help))
                     .value());
  }

  // Links, and passes on what the linker says; what sealing for a bundle means is no news.
  std::optional<std::vector<uint8_t>> link(const std::vector<LinkInput>& inputs,
                                           const LinkOptions& options) {
    DiagnosticSink problems;
    LinkReport report;
    std::optional<std::vector<uint8_t>> bytes = link_to_memory(inputs, options, report, problems);
    for (Diagnostic& problem : problems.take_sorted()) {
      if (problem.id == "localized-export") continue;
      problem.notes.push_back("while linking " + title());
      sink_.report(std::move(problem));
    }
    return bytes;
  }

  std::optional<Object> read(const std::vector<uint8_t>& bytes) {
    Result<Object> object = read_object(bytes, request_.name.text);
    if (object) return std::move(*object);
    sink_.report(std::move(object.error()));
    return std::nullopt;
  }

  bool check_object(const Object& object) {
    if (object.is64()) {
      report("wasm64-library", title() + " is for 64-bit memory; a bundle has a 32-bit one",
             "compile it with --target=wasm32");
    }
    std::unordered_set<std::string_view> heap_symbols;
    for (const Symbol& symbol : object.symbols) {
      if (is_defined_global(symbol) && symbol.name == "_start") {
        report("program-in-bundle", title() + " defines `_start`: it is a program, not a library",
               "leave its main file and crt1 out of the inputs");
      }
      if (symbol.is_undefined() &&
          std::ranges::find(kHeapSymbols, symbol.name) != std::end(kHeapSymbols))
        heap_symbols.insert(symbol.name);
    }
    for (const std::string_view name : kHeapSymbols) {
      if (!heap_symbols.contains(name)) continue;
      report("heap-owner",
             title() + " refers to `" + std::string(name) +
                 "`: an allocator of its own would take "
                 "memory that others in the bundle use",
             "this version of wasmpack packs no library with an own heap: link it without a libc's "
             "malloc, or with `archives = \"lazy\"`, so that only what it needs is taken");
      break;
    }
    return !sink_.has_errors();
  }

  void take_link_records(const Object& object) {
    const int section = object.find_custom_section(kLinkRecordSection);
    if (section < 0) return;
    std::string_view text = as_string(object.sections[static_cast<size_t>(section)].content);
    while (!text.empty()) {
      const size_t end = text.find('\n');
      if (end != 0) result_.link_records.emplace_back(text.substr(0, end));
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
  }

  // A kernel's new name must not capture what the library wants from elsewhere.
  void check_new_names(const Object& object) {
    std::unordered_set<std::string_view> undefined;
    for (const Symbol& symbol : object.symbols) {
      if (symbol.is_undefined()) undefined.insert(symbol.name);
    }
    for (const Kernel& kernel : result_.kernels) {
      if (kernel.name == kernel.symbol || !undefined.contains(kernel.name)) continue;
      report("kernel-name-clash",
             "kernel `" + kernel.symbol + "` of " + title() + " would be named `" + kernel.name +
                 "`, the name of something that the library itself needs from elsewhere",
             "choose another `prefix` or `as`");
    }
  }

  SymbolEdits plan_edits(const Object& object) {
    SymbolEdits edits;
    std::unordered_set<std::string_view> kept;
    for (const Kernel& kernel : result_.kernels) {
      if (!kept.insert(kernel.symbol).second) continue;  // further names become aliases
      if (request_.seal) edits.keep_global.push_back(escape_pattern(kernel.symbol));
      if (kernel.name != kernel.symbol) edits.redefine.emplace_back(kernel.symbol, kernel.name);
    }
    const PatternList keep_global = plan_keep_global(object, edits);

    std::unordered_set<uint32_t> with_export_name;
    for (const Export& entry : object.exports) {
      if (entry.kind == ExternKind::function) with_export_name.insert(entry.index);
    }
    edits.seal = request_.seal;
    bool calls_constructors = false;
    for (const Symbol& symbol : object.symbols) {
      calls_constructors |= symbol.is_undefined() && symbol.name == kCallConstructors;
      if (!is_defined_global(symbol)) continue;
      // What the bundle exports is the manifest's business alone.
      const bool is_exported = symbol.is_exported() || (symbol.kind == SymbolKind::function &&
                                                        with_export_name.contains(symbol.index));
      if (is_exported) edits.unexport.push_back(escape_pattern(symbol.name));
      // The bundle's own entry takes the place of a library's. Sealing by itself spares what is
      // marked as used: two libraries may use the same name for that.
      const bool is_named = kept.contains(symbol.name) || keep_global.matches(symbol.name);
      if (is_init_entry(symbol.name) || (request_.seal && symbol.is_no_strip() && !is_named))
        edits.localize.emplace_back(symbol.name);
    }
    if (calls_constructors) edits.redefine.emplace_back(kCallConstructors, kRunConstructors);
    return edits;
  }

  // Adds the manifest's keep-global patterns; one that matches nothing is an error.
  PatternList plan_keep_global(const Object& object, SymbolEdits& edits) {
    std::vector<std::string> patterns;
    for (const PlacedString& pattern : request_.keep_global) patterns.push_back(pattern.text);
    Result<PatternList> list = PatternList::create(patterns, "keep-global");
    if (!list || patterns.empty()) return {};  // the manifest's reader has checked the patterns
    std::vector<std::string_view> names;
    for (const Symbol& symbol : object.symbols) {
      if (is_defined_global(symbol)) names.push_back(symbol.name);
    }
    std::ranges::sort(names);
    const std::vector<std::string> unmatched = list->find_unmatched(names);
    for (const PlacedString& pattern : request_.keep_global) {
      if (std::ranges::find(unmatched, pattern.text) == unmatched.end()) continue;
      sink_.report(
          fail("no-such-symbol", manifest_location(manifest_.path, pattern.place),
               "`" + pattern.text + "` matches no global symbol that " + title() + " defines",
               suggest_sentence(pattern.text, names))
              .value());
    }
    if (request_.seal)
      edits.keep_global.insert(edits.keep_global.end(), patterns.begin(), patterns.end());
    return std::move(*list);
  }

  // The last edits, which concern nothing but the symbol table and the list of constructors:
  // further names of kernels, and priorities.
  void finish(const Object& sealed) {
    Object object = sealed;
    add_aliases(object);
    if (!number_constructors(object)) return;
    for (const TargetFeature& feature : object.features)
      result_.features.push_back(std::string(1, feature.prefix) + std::string(feature.name));
    std::ranges::sort(result_.features);

    result_.bytes = write_with_new_linking(object);
    if (std::optional<Object> finished = read(result_.bytes)) result_.object = std::move(*finished);
  }

  void add_aliases(Object& object) {
    std::unordered_map<std::string_view, uint32_t> symbols;
    for (uint32_t i = 0; i < object.symbols.size(); ++i) {
      const Symbol& symbol = object.symbols[i];
      if (is_defined_global(symbol) && symbol.kind == SymbolKind::function)
        symbols.emplace(symbol.name, i);
    }
    std::unordered_map<std::string_view, std::string_view> first_names;
    for (const Kernel& kernel : result_.kernels) {
      const auto [first, is_new] = first_names.emplace(kernel.symbol, kernel.name);
      const auto target = symbols.find(first->second);
      if (is_new || target == symbols.end()) continue;
      Symbol alias = object.symbols[target->second];
      alias.name = kernel.name;
      object.symbols.push_back(alias);
    }
  }

  bool number_constructors(Object& object) {
    std::stable_sort(
        object.init_functions.begin(), object.init_functions.end(),
        [](const InitFunction& a, const InitFunction& b) { return a.priority < b.priority; });
    if (!numbers_.has_room(object.init_functions.size())) {
      report("too-many-constructors", "the bundle has more constructors than priorities", "");
      return false;
    }
    std::optional<uint32_t> previous;
    for (InitFunction& init : object.init_functions) {
      result_.constructors.push_back(
          {std::string(object.symbols[init.symbol].name), init.priority});
      if (previous && init.priority != *previous) ++numbers_.next_priority;
      previous = init.priority;
      init.priority = numbers_.next_priority;
    }
    if (previous) ++numbers_.next_priority;
    return true;
  }

  static std::vector<uint8_t> write_with_new_linking(const Object& object) {
    ByteWriter linking;
    linking.write_varuint(object.linking_version);
    for (const LinkingSubsection& subsection : object.linking) {
      ByteWriter payload;
      if (subsection.type == kSymbolTableSubsection) {
        payload.write_varuint(object.symbols.size());
        for (const Symbol& symbol : object.symbols) encode_symbol(payload, symbol);
      } else if (subsection.type == kInitFunctionsSubsection) {
        payload.write_varuint(object.init_functions.size());
        for (const InitFunction& init : object.init_functions) {
          payload.write_varuint(init.priority);
          payload.write_varuint(init.symbol);
        }
      } else {
        payload.write_bytes(subsection.payload);
      }
      linking.write_u8(subsection.type);
      linking.write_sized(payload.bytes());
    }
    ByteWriter out;
    out.reserve(object.bytes.size() + linking.size());
    out.write_bytes(kWasmHeader);
    for (const Section& section : object.sections) {
      if (section.is_custom() && section.name == "linking")
        append_custom_section(out, section.name, linking.bytes());
      else
        out.write_bytes(section.raw);
    }
    return out.take();
  }

  const Manifest& manifest_;
  const LibraryRequest& request_;
  const uint32_t index_;
  CtorNumbers& numbers_;
  DiagnosticSink& sink_;
  PreparedLibrary result_;
};

}  // namespace

PreparedLibrary prepare_library(const Manifest& manifest, uint32_t index, CtorNumbers& numbers,
                                DiagnosticSink& sink) {
  // A sink of its own: what is wrong with one library does not hide what is wrong with the next.
  DiagnosticSink problems;
  PreparedLibrary library = LibraryPreparer(manifest, index, numbers, problems).prepare();
  for (Diagnostic& problem : problems.take_sorted()) sink.report(std::move(problem));
  return library;
}

}  // namespace wasmpack
