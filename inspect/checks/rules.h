// What a user demands of a file: from rules.toml (--check), from a bundle's manifest (--expect) or
// from options. The checks that need demands find nothing without them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/facts/facts.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct ExpectedExport {
  std::string name;
  // "(i32,i32)->i32", "mut i32", "2..", or a kind alone: "memory"; empty: any. Blanks do not matter
  // and one result may stand in parentheses.
  std::string type;
};

// A kernel of a bundle.
struct ExpectedKernel {
  std::string library;
  // In the registry, the library's prefix in front; a pattern (support/glob.h) if `is_pattern`.
  std::string name;
  std::string symbol;  // in the library's objects, another way to find it; may be empty; a pattern
                       // like the name
  std::string type;    // as ExpectedExport::type
  bool is_pattern = false;
  bool may_be_missing = false;
  bool is_exported = true;
};

struct SectionBudget {
  std::string section;  // "CODE" or a custom section's name; a pattern: all that match count
  uint64_t bytes;       // of payload
};

struct SeverityChoice {
  std::string id;
  std::optional<Severity> severity;  // nothing: the check is off
};

struct Rules {
  std::string origin;  // the files they come from, for messages
  std::optional<WasmKind> kind;
  std::optional<uint64_t> max_size;  // bytes of the file
  std::vector<SectionBudget> section_budgets;
  std::vector<ExpectedExport> exports;
  std::vector<ExpectedKernel> kernels;
  bool only_expected_exports = false;          // others are findings (undeclared-export)
  std::vector<std::string> forbidden_imports;  // patterns of support/glob.h over "module.name"
  std::optional<std::vector<std::string>> allowed_imports;  // the same; nothing else may be there
  std::vector<std::string> forbidden_features;
  std::optional<std::vector<std::string>> allowed_features;
  std::string bundle_name, bundle_version;  // of the manifest's package; empty: any
  std::vector<SeverityChoice> severities;
};

// Adds the demands of `more`; where both say one thing about the whole file, `more` counts.
void merge_rules(Rules& rules, Rules more);

}  // namespace wasmpack
