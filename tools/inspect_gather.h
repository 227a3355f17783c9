// From bytes to facts, for `wasmpack inspect`.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"
#include "object/validate.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Facts of one file or archive member, what is wrong with its linking information included. Damage
// of custom sections is such a fact; the error says why nothing could be read, or that it is no
// wasm at all.
Result<Facts> gather_file_facts(Bytes bytes, std::string_view file, std::string_view member);

// Whether the validator is asked about such bytes: a core module.
bool is_core_module(Bytes bytes);

ValidityFact make_validity(Validation validation);

// Validates modules of one file while their facts are gathered. `file` must outlive it.
class FactsValidation {
 public:
  // `modules` lie in `file`; those that are no core modules are not asked about.
  FactsValidation(Bytes file, std::span<const Bytes> modules);
  // Puts the answers into the facts of each module, in that order; null where there are none.
  void finish(std::span<Facts* const> facts);

 private:
  std::vector<bool> is_asked_;
  BackgroundValidation validation_;
};

}  // namespace wasmpack
