// Links many wasm objects and archives into one relocatable object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/diagnostic.h"
#include "support/input_file.h"
#include "support/timer.h"

namespace wasmpack {

// One input of the command line, in its order. Its content decides what it is: an object or an
// archive.
struct LinkInput {
  InputFile file;
  bool whole_archive = true;  // an archive: all members, else only those that are needed
};

// objcopy-style symbol edits. Patterns are globs (`*`, `?`, `[...]`, `\`), each matched against
// the whole name; one without such a character names a symbol exactly.
struct SymbolEdits {
  std::vector<std::string> keep_global;  // if any: every other defined global becomes local
  std::vector<std::string> localize;
  bool localize_hidden = false;
  std::vector<std::string> globalize;
  std::vector<std::string> weaken;
  std::string prefix;                                         // of every defined global
  std::vector<std::pair<std::string, std::string>> redefine;  // old -> new, exact names
  std::vector<std::string> export_;                           // set the EXPORTED flag
  std::vector<std::string> unexport;                          // clear it, and drop the export_name
  std::vector<std::string> retain;                            // set NO_STRIP
  bool seal = false;  // localize every defined global that keep_global does not match
};

struct LinkOptions {
  SymbolEdits edits;
  bool allow_multiple_definition = false;
  bool report_undefined = false;
  bool gc = false;
  bool strip_debug = false;
  std::vector<std::string> remove_sections;  // globs over custom section names
  // Names of the guarded entry points to add; absent: no guard at all. Empty: guard, no export.
  std::optional<std::vector<std::string>> init_guard;
  std::vector<std::string> trace_symbols;
  // Names that lazy archives are asked for, as if an input in front of all others referred to them.
  std::vector<std::string> wanted;
};

// What a link tells besides the object itself.
struct LinkReport {
  std::vector<std::string> kept_exported;  // stayed global although sealing was asked
  std::vector<std::string> dropped;        // by --gc: "input: kind name"
  std::vector<std::string> traces;         // --trace-symbol lines
  bool want_map = false;
  std::string map;  // filled if `want_map`
  bool want_index = false;
  std::vector<std::string> index_symbols;  // if `want_index`: the defined global symbols, sorted;
                                           // ready when LinkOutput::begin() is called
  PhaseTimes times;
};

// Where the linked bytes go, in any order and from several threads at once.
class LinkOutput {
 public:
  virtual ~LinkOutput() = default;
  // Called once, before any write: LinkReport::index_symbols is ready.
  virtual Result<void> begin() = 0;
  // Writes `bytes` at `offset`. Called concurrently, for disjoint ranges that cover the file.
  virtual Result<void> write(uint64_t offset, Bytes bytes) = 0;
  // Called once, after all writes: the object has `size` bytes.
  virtual Result<void> finish(uint64_t size) = 0;
};

// Reads, resolves, merges and writes. Problems go to `sink`; the result is false, and the output
// must be thrown away, if any of them is an error. The bytes depend on the inputs' content and
// order and on the options only.
bool link_objects(const std::vector<LinkInput>& files, const LinkOptions& options,
                  LinkOutput& output, LinkReport& report, DiagnosticSink& sink);

// The same, into memory.
std::optional<std::vector<uint8_t>> link_to_memory(const std::vector<LinkInput>& inputs,
                                                   const LinkOptions& options, LinkReport& report,
                                                   DiagnosticSink& sink);

}  // namespace wasmpack
