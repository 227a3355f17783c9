// The part of `wasmpack inspect` that tells where the bytes go and why things are there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "support/diagnostic.h"

namespace CLI {
class App;
}

namespace wasmpack {

struct SizeOptions {
  std::string sizes;  // empty, or section | symbol | library | retained
  bool csv = false;   // that table as CSV and nothing else
  size_t top = 40;    // rows of a text table, 0: all
  std::vector<std::string> why;
  bool wants_symbols = false;  // another output needs sizes by symbol
  bool wants_graph = false;    // another output needs the graph

  bool is_empty() const { return sizes.empty() && why.empty(); }
};

// --sizes, --csv, --top, --why.
void add_size_options(CLI::App& app, SizeOptions& options);

// Measures what the options need: Facts::sizes by symbol, Facts::graph, Facts::why.
void gather_size_facts(const Object& object, const SizeOptions& options, Facts& facts);

// Prints it, file by file.
class SizeReporter {
 public:
  SizeReporter(const SizeOptions& options, llvm::raw_ostream& out, bool color)
      : options_(options), out_(out), color_(color), is_found_(options.why.size()) {}

  void add_file(const Facts& facts);
  // One table for all members, and for what is no wasm or could not be read.
  void add_archive(const InspectedArchive& archive);
  // Notes which names exist, but prints nothing: for --json.
  void note_file(const Facts& facts);

  // After the last file: a name of --why that no file has is an error with the id `unknown-name`.
  std::vector<Diagnostic> finish() const;

 private:
  void print_table(std::string_view file, std::vector<SizeRow> rows, uint64_t total);
  void print_retained(const Facts& facts);
  void note_names(const std::vector<const Facts*>& files);

  const SizeOptions& options_;
  llvm::raw_ostream& out_;
  bool color_;
  bool has_heading_ = false;
  std::vector<bool> is_found_;  // by name of --why
  std::vector<std::string> suggestions_ = {};
};

}  // namespace wasmpack
