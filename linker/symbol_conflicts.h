// Says what is wrong with a name that several inputs mention.
#pragma once

#include <vector>

#include "linker/mentions.h"
#include "linker/symbol_table.h"

namespace wasmpack {

// Reports one error for each of: a name that is not the same kind of symbol everywhere, several
// strong definitions, direct calls with another signature, tags, globals or tables of different
// types, imports of one name from two places. `mentions` are all mentions of `global`, in order.
class ConflictReporter {
 public:
  ConflictReporter(const std::vector<Input>& inputs, const MergedTypes& types,
                   const MentionReader& reader, bool allow_multiple_definition,
                   DiagnosticSink& sink)
      : inputs_(inputs),
        types_(types),
        reader_(reader),
        allow_multiple_definition_(allow_multiple_definition),
        sink_(sink) {}

  void report(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions);

 private:
  bool report_kind_mismatch(const std::vector<SymbolRef>& mentions);
  void report_duplicates(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions);
  void report_signatures(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions);
  void report_types(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions);
  void report_imports(const GlobalSymbol& global, const std::vector<SymbolRef>& mentions);
  std::string describe_type(SymbolKind kind, uint32_t type) const;
  std::string place(SymbolRef ref) const;
  Diagnostic problem(std::string_view id, SymbolRef ref, std::string message) const;

  const std::vector<Input>& inputs_;
  const MergedTypes& types_;
  const MentionReader& reader_;
  bool allow_multiple_definition_;
  DiagnosticSink& sink_;
};

}  // namespace wasmpack
