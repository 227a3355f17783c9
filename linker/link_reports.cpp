#include "linker/link_reports.h"

#include <algorithm>

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "object/reserved_names.h"
#include "support/suggest.h"
#include "support/version.h"

namespace wasmpack {

void trace_symbols(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                   const std::vector<std::string>& names, LinkReport& report) {
  if (names.empty()) return;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (const Symbol& symbol : inputs[i].object.symbols) {
      if (symbol.kind == SymbolKind::section ||
          std::ranges::find(names, symbol.name) == names.end())
        continue;
      const Chunk* chunk = chunks[i].find(inputs[i].object, symbol);
      const bool is_discarded = chunk != nullptr && chunk->state == ChunkState::comdat_discarded;
      std::string what = symbol.is_undefined() ? "reference to "
                         : is_discarded        ? "discarded definition of "
                         : symbol.is_local()   ? "local definition of "
                         : symbol.is_weak()    ? "weak definition of "
                                               : "definition of ";
      report.traces.push_back(inputs[i].name() + ": " + what + std::string(symbol.name));
    }
  }
}

void report_undefined(const std::vector<Input>& inputs, const SymbolTable& table,
                      DiagnosticSink& sink) {
  std::vector<std::string_view> defined;
  table.for_each([&](SymbolId, const GlobalSymbol& global) {
    if (global.is_defined && !global.is_alias) defined.push_back(global.name);
  });
  std::ranges::sort(defined);
  table.for_each([&](SymbolId, const GlobalSymbol& global) {
    const bool is_given = global.is_defined || global.is_alias ||
                          (global.flags & (kSymbolWeak | kSymbolExplicitName)) ||
                          is_linker_owned(global.name);
    if (is_given) return;
    Diagnostic diagnostic = fail("undefined-symbol", inputs[global.owner.input].locate(),
                                 "undefined symbol `" + std::string(global.name) + "` (" +
                                     std::string(symbol_kind_name(global.kind)) + ")")
                                .value();
    diagnostic.help = suggest_sentence(global.name, defined);
    if (diagnostic.help.empty())
      if (const auto other = suggest_other_linkage(global.name, defined))
        diagnostic.help = "`" + std::string(*other) +
                          "` is defined: is the name compiled as C in one file and as C++ in "
                          "the other (extern \"C\")?";
    sink.report(std::move(diagnostic));
  });
}

std::vector<std::string> list_defined(const SymbolTable& table) {
  std::vector<std::string> names;
  table.for_each([&](SymbolId, const GlobalSymbol& global) {
    if (global.is_defined && !global.is_alias && !global.is_local() && !global.is_unused)
      names.emplace_back(global.name);
  });
  std::ranges::sort(names);
  return names;
}

namespace {

std::string hex(uint64_t value, unsigned width) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format_hex_no_prefix(value, width);
  return text;
}

// By chunk, the symbols that an input defines in it: functions (defined ones) or data segments.
std::vector<std::string> symbols_by_chunk(const OutputContents& contents, uint32_t input,
                                          SymbolKind kind) {
  const Object& object = contents.inputs[input].object;
  const bool is_function = kind == SymbolKind::function;
  const uint32_t first = is_function ? object.imported_count(ExternKind::function) : 0;
  std::vector<std::string> texts(is_function ? object.code.size() : object.data.size());
  for (uint32_t s = 0; s < object.symbols.size(); ++s) {
    const Symbol& symbol = object.symbols[s];
    if (symbol.kind != kind || symbol.is_undefined() || symbol.is_absolute()) continue;
    const SymbolId id = contents.symbols.id_of(input, s);
    if (id != kLocalSymbol && !contents.symbols.is_owner(input, s)) continue;
    const bool is_named_by_table = id != kLocalSymbol && !contents.symbols[id].is_alias;
    texts[symbol.index - first] += ' ';
    texts[symbol.index - first] += is_named_by_table ? contents.symbols[id].name : symbol.name;
  }
  return texts;
}

}  // namespace

std::string render_map(const OutputContents& contents,
                       const std::vector<OutputSectionInfo>& sections) {
  std::string out = "Sections:\n    offset       size  name\n";
  uint64_t code_at = 0;
  uint64_t data_at = 0;
  for (const OutputSectionInfo& section : sections) {
    out += "  " + hex(section.offset, 8) + "   " + hex(section.size, 8) + "  " +
           escape_controls(section.name) + "\n";
    if (section.name == "CODE") code_at = section.offset + section.size - contents.layout.code_size;
    if (section.name == "DATA") data_at = section.offset + section.size - contents.layout.data_size;
  }
  out += "\nFunctions:\n    offset       size     index  input: symbols\n";
  for (uint32_t i = 0; i < contents.inputs.size(); ++i) {
    const Object& object = contents.inputs[i].object;
    const std::vector<std::string> symbols = symbols_by_chunk(contents, i, SymbolKind::function);
    for (uint32_t f = 0; f < object.code.size(); ++f) {
      if (!contents.chunks[i].functions[f].is_kept()) continue;
      out += "  " + hex(code_at + contents.layout.inputs[i].code_offsets[f], 8) + "   " +
             hex(object.code[f].size, 8) + "  " +
             std::to_string(contents.layout.inputs[i].functions[f]) + "  " +
             escape_controls(contents.inputs[i].name() + ":" + symbols[f]) + "\n";
    }
  }
  out += "\nData:\n    offset       size   address  input: segment: symbols\n";
  for (uint32_t i = 0; i < contents.inputs.size(); ++i) {
    const Object& object = contents.inputs[i].object;
    const std::vector<std::string> symbols = symbols_by_chunk(contents, i, SymbolKind::data);
    for (uint32_t d = 0; d < object.data.size(); ++d) {
      if (!contents.chunks[i].data[d].is_kept()) continue;
      out += "  " + hex(data_at + contents.layout.inputs[i].data_offsets[d], 8) + "   " +
             hex(object.data[d].content.size(), 8) + "  " +
             hex(contents.layout.inputs[i].addresses[d], 8) + "  " +
             escape_controls(contents.inputs[i].name() + ": " + std::string(object.data[d].name) +
                             ":" + symbols[d]) +
             "\n";
    }
  }
  return out;
}

std::vector<std::pair<std::string_view, std::vector<uint8_t>>> make_library_record(
    const LinkOptions& options, const std::vector<Input>& inputs) {
  llvm::json::Object record;
  if (!options.edits.prefix.empty()) record["prefix"] = options.edits.prefix;
  if (options.edits.seal || !options.edits.keep_global.empty()) record["sealed"] = true;
  if (options.init_guard) {
    llvm::json::Array names;
    for (const std::string& name : *options.init_guard) names.push_back(name);
    record["init_guard"] = std::move(names);
  }
  if (record.empty()) return {};
  record["schema"] = 1;
  record["tool"] = "wasmpack " + std::string(kVersion);
  std::string line;
  llvm::raw_string_ostream(line) << llvm::json::Value(std::move(record)) << '\n';
  // An input may bring the same record: then linking it again with the same options adds nothing.
  for (const Input& input : inputs)
    for (const Section& section : input.object.sections)
      if (section.is_custom() && section.name == "wasmpack.lib" &&
          as_string(section.content).find(line) != std::string_view::npos)
        return {};
  return {{"wasmpack.lib", std::vector<uint8_t>(line.begin(), line.end())}};
}

}  // namespace wasmpack
