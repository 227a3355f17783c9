#include "linker/link.h"

#include <algorithm>
#include <mutex>

#include "linker/comdats.h"
#include "linker/custom_sections.h"
#include "linker/garbage_collection.h"
#include "linker/init_guard.h"
#include "linker/input.h"
#include "linker/layout.h"
#include "linker/link_reports.h"
#include "linker/merged_types.h"
#include "linker/metadata.h"
#include "linker/symbol_edits.h"
#include "linker/write_output.h"
#include "object/read.h"
#include "object/verify.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

constexpr std::string_view kGuardFile = "<init guard>";

// Adds the generated guards as one more input.
void add_init_guard(const LinkOptions& options, std::vector<Input>& inputs,
                    std::vector<ChunkTable>& chunks, std::vector<ChainEntry>& chain,
                    GeneratedInput& storage, DiagnosticSink& sink) {
  if (!options.init_guard) return;
  const auto number = static_cast<uint32_t>(inputs.size());
  storage = make_init_guard(inputs, chain, *options.init_guard, number, sink);
  Result<Object> object = read_object(storage.bytes, kGuardFile);
  if (!object) return sink.report(object.error());
  Result<std::vector<uint8_t>> uses = verify_object(*object);
  if (!uses) return sink.report(uses.error());
  if (object->symbols.empty()) return;
  Input input;
  input.object = std::move(*object);
  input.order = inputs.back().order;
  input.turn = number;
  input.uses = std::move(*uses);
  input.preset = std::move(storage.preset);
  chunks.emplace_back(input.object);
  inputs.push_back(std::move(input));
}

SymbolTable resolve(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                    const MergedTypes& types, const LinkOptions& options, DiagnosticSink& sink) {
  Result<PatternList> globalize =
      PatternList::create(options.edits.globalize, "--globalize-symbol");
  if (!globalize) sink.report(globalize.error());
  ResolveOptions resolve_options;
  resolve_options.allow_multiple_definition = options.allow_multiple_definition;
  if (globalize && !globalize->empty()) resolve_options.globalize = &*globalize;
  return resolve_symbols(inputs, chunks, types, resolve_options, sink);
}

// Nothing in, nothing out: an empty object with exit code 0 would hide the mistake (D8).
bool check_not_empty(const std::vector<Input>& inputs, const std::vector<LinkInput>& files,
                     DiagnosticSink& sink) {
  if (!inputs.empty() || sink.has_errors()) return !inputs.empty();
  bool is_lazy = false;
  for (const LinkInput& file : files) is_lazy |= !file.whole_archive;
  sink.report(fail("nothing-to-link", {}, "no object takes part in this link",
                   is_lazy ? "members of lazy archives are only taken when something refers to "
                             "them; drop --lazy-archives, or add the object that needs them"
                           : "the archives given are empty")
                  .value());
  return false;
}

}  // namespace

bool link_objects(const std::vector<LinkInput>& files, const LinkOptions& options,
                  LinkOutput& output, LinkReport& report, DiagnosticSink& sink) {
  const auto timed = [&](std::string_view name, auto&& step) {
    const PhaseTimer timer(report.times, name);
    return step();
  };

  std::vector<Input> inputs =
      timed("read and verify", [&] { return open_inputs(files, options.wanted, sink); });
  if (!check_not_empty(inputs, files, sink) || sink.has_errors()) return false;
  // The set of inputs is now fixed but for the guard, which we generate.

  std::vector<ChunkTable> chunks = timed("comdats", [&] { return resolve_comdats(inputs, sink); });
  std::vector<ChainEntry> chain = collect_init_functions(inputs, chunks, sink);
  GeneratedInput guard;
  add_init_guard(options, inputs, chunks, chain, guard, sink);

  const MergedTypes types = timed("merge types", [&] { return merge_types(inputs); });
  SymbolTable symbols =
      timed("resolve symbols", [&] { return resolve(inputs, chunks, types, options, sink); });
  drop_superseded_chunks(inputs, symbols, chunks);
  const std::vector<TargetFeature> features = merge_features(inputs, sink);
  const std::vector<ProducerField> producers = merge_producers(inputs);
  trace_symbols(inputs, chunks, options.trace_symbols, report);
  if (options.report_undefined) report_undefined(inputs, symbols, sink);
  if (sink.has_errors()) return false;
  // The owner of every symbol is now fixed.

  const EditedNames names = timed("edit symbols", [&] {
    return apply_symbol_edits(inputs, chunks, symbols, options.edits, options.gc, report, sink);
  });
  if (options.gc && !sink.has_errors())
    timed("collect garbage",
          [&] { collect_garbage(inputs, chunks, symbols, options, chain, report, sink); });
  const CustomLayout custom = timed("place custom sections", [&] {
    return lay_out_custom_sections(inputs, chunks, options, sink);
  });
  if (sink.has_errors()) return false;
  // What stays, under which name and binding, is now fixed.

  const Layout layout = timed("lay out", [&] {
    return plan_layout(inputs, chunks, symbols, types, custom, names, chain, sink);
  });
  if (sink.has_errors()) return false;
  // Every output index and address is now fixed.

  const OutputContents contents{
      inputs, chunks, symbols,  types,     custom,
      names,  layout, features, producers, make_library_record(options, inputs)};
  if (report.want_index) report.index_symbols = list_defined(symbols);
  std::vector<OutputSectionInfo> sections;
  if (!write_output(contents, output, sections, report.times, sink)) return false;
  if (report.want_map) report.map = render_map(contents, sections);
  return !sink.has_errors();
}

namespace {

class MemoryOutput final : public LinkOutput {
 public:
  Result<void> begin() override { return {}; }
  Result<void> write(uint64_t offset, Bytes part) override {
    const std::lock_guard lock(mutex_);
    if (bytes.size() < offset + part.size()) bytes.resize(offset + part.size());
    std::copy(part.begin(), part.end(), bytes.begin() + static_cast<ptrdiff_t>(offset));
    return {};
  }
  Result<void> finish(uint64_t) override { return {}; }
  std::vector<uint8_t> bytes;

 private:
  std::mutex mutex_;
};

}  // namespace

std::optional<std::vector<uint8_t>> link_to_memory(const std::vector<LinkInput>& inputs,
                                                   const LinkOptions& options, LinkReport& report,
                                                   DiagnosticSink& sink) {
  MemoryOutput output;
  if (!link_objects(inputs, options, output, report, sink)) return std::nullopt;
  return std::move(output.bytes);
}

}  // namespace wasmpack
