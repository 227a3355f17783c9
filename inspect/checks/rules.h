// What a user demands of a file: from rules.toml (--check), from a bundle's manifest (--expect) or
// from options. The checks that need demands find nothing without them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wasmpack {

struct ExpectedExport {
  std::string name;
  std::string type;  // "(i32,i32)->i32"; empty: any
};

struct Rules {
  std::string origin;                // the file they come from, for messages
  std::optional<uint64_t> max_size;  // bytes of the file
  std::vector<ExpectedExport> exports;
  bool only_expected_exports = false;          // others are findings (undeclared-export)
  std::vector<std::string> forbidden_imports;  // patterns of support/glob.h over "module.name"
  std::optional<std::vector<std::string>> allowed_imports;  // the same; nothing else may be there
  std::vector<std::string> forbidden_features;
  std::optional<std::vector<std::string>> allowed_features;
};

}  // namespace wasmpack
