#include "packager/serving_library.h"

#include <algorithm>
#include <utility>

#include "object/archive.h"
#include "object/file_kind.h"
#include "object/read.h"
#include "object/reserved_names.h"
#include "packager/inputs.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

bool is_named(const Symbol& symbol) {
  return !symbol.is_local() &&
         (symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::data);
}

}  // namespace

std::optional<ServingLibrary> ServingLibrary::open(const Manifest& manifest,
                                                   const PackOptions& options, uint32_t index) {
  const LibraryRequest& request = manifest.libraries[index];
  if (request.whole_archives || request.keep_global.empty()) return std::nullopt;
  ServingLibrary library;
  library.index_ = index;
  DiagnosticSink problems;  // linking the library reports them again, with their place
  library.inputs_ = open_library_inputs(manifest, request, options.allow_outside, problems).files;
  if (problems.has_errors() || library.inputs_.empty()) return std::nullopt;
  for (const LinkInput& input : library.inputs_) {
    const Bytes bytes = input.file.bytes();
    if (!is_archive(bytes)) return std::nullopt;
    const Result<std::vector<ArchiveMember>> members = read_archive(bytes, input.file.path());
    if (!members) return std::nullopt;
    for (const ArchiveMember& member : *members) {
      if (identify_file(member.bytes) != FileKind::object) continue;
      const Result<Object> object = read_object(member.bytes, input.file.path(), member.name);
      if (!object) return std::nullopt;
      for (const Symbol& symbol : object->symbols) {
        if (symbol.is_defined() && is_named(symbol)) library.defined_.insert(symbol.name);
      }
    }
  }
  std::vector<std::string> patterns;
  for (const PlacedString& pattern : request.keep_global) patterns.push_back(pattern.text);
  library.keep_global_ = PatternList::create(patterns, "keep-global").value_or(PatternList());
  for (const KernelRequest& kernel : request.kernels) {
    if (library.defined_.contains(kernel.symbol.text))
      library.kernels_.push_back(kernel.symbol.text);
  }
  return library;
}

std::vector<std::string> ServingLibrary::find_wanted(
    std::span<const LinkedLibrary> libraries) const {
  std::unordered_set<std::string_view> elsewhere;
  for (const LinkedLibrary& library : libraries) {
    if (library.request == nullptr || library.index == index_) continue;
    for (const std::string_view name : list_visible_symbols(library)) elsewhere.insert(name);
  }
  std::vector<std::string> wanted = kernels_;
  for (const LinkedLibrary& library : libraries) {
    if (library.request == nullptr || library.index == index_) continue;
    for (const Symbol& symbol : library.object.symbols) {
      if (is_named(symbol) && symbol.is_undefined() && !symbol.is_weak() &&
          !is_linker_owned(symbol.name) && !elsewhere.contains(symbol.name) &&
          defined_.contains(symbol.name) && keep_global_.matches(symbol.name))
        wanted.emplace_back(symbol.name);
    }
  }
  std::ranges::sort(wanted);
  const auto repeated = std::ranges::unique(wanted);
  wanted.erase(repeated.begin(), repeated.end());
  return wanted;
}

void ServingLibrary::check_patterns(const Manifest& manifest, DiagnosticSink& sink) const {
  const LibraryRequest& request = manifest.libraries[index_];
  std::vector<std::string_view> names(defined_.begin(), defined_.end());
  std::ranges::sort(names);
  const std::vector<std::string> unmatched = keep_global_.find_unmatched(names);
  const std::unordered_set<std::string_view> without_match(unmatched.begin(), unmatched.end());
  for (const PlacedString& pattern : request.keep_global) {
    if (!without_match.contains(pattern.text)) continue;
    sink.report(fail("no-such-symbol", text_location(manifest.path, pattern.place),
                     "`" + pattern.text +
                         "` matches no global symbol that the archives of library `" +
                         request.name.text + "` define",
                     suggest_sentence(pattern.text, names))
                    .value());
  }
}

}  // namespace wasmpack
