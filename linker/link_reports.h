// What a link tells its user beside the object: traces, undefined symbols, the map, the record
// that it leaves in the object.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "linker/write_output.h"

namespace wasmpack {

// --trace-symbol: one line for each input that defines, references or discards such a symbol.
void trace_symbols(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                   const std::vector<std::string>& names, LinkReport& report);

// --report-undefined: an error for each strong undefined symbol that neither the final linker
// defines nor an explicit import gives, with the nearest defined name.
void report_undefined(const std::vector<Input>& inputs, const SymbolTable& table,
                      DiagnosticSink& sink);

// The names of all defined global symbols, sorted: what an archive's index lists.
std::vector<std::string> list_defined(const SymbolTable& table);

// --map: sections, then chunks and their symbols with their places in the output, as text.
std::string render_map(const OutputContents& contents,
                       const std::vector<OutputSectionInfo>& sections);

// The `wasmpack.lib` section (bundle-abi.md): one JSON object a line, since linkers concatenate
// custom sections of one name. Empty if the link changed nothing worth recording.
std::vector<std::pair<std::string_view, std::vector<uint8_t>>> make_library_record(
    const LinkOptions& options, const std::vector<Input>& inputs);

}  // namespace wasmpack
