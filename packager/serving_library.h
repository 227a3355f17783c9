// A library that only has what the others need: a libc as one shared library of a bundle. Nothing
// in lazy archives alone refers to a member, so what pulls members comes from the other libraries.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "linker/link.h"
#include "packager/library.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"
#include "support/glob.h"

namespace wasmpack {

class ServingLibrary {
 public:
  // None if library `index` is no such library: lazy archives, nothing else, and `keep-global`.
  static std::optional<ServingLibrary> open(const Manifest& manifest, uint32_t index);

  uint32_t index() const { return index_; }

  // What the other libraries of the bundle leave undefined, `keep-global` matches and the archives
  // define, and the kernels that the manifest names; sorted.
  std::vector<std::string> find_wanted(std::span<const PreparedLibrary> libraries) const;

  // Reports keep-global patterns that match nothing the archives define.
  void check_patterns(const Manifest& manifest, DiagnosticSink& sink) const;

 private:
  uint32_t index_ = 0;
  std::vector<LinkInput> inputs_;  // the names below are views into them
  std::unordered_set<std::string_view> defined_;
  PatternList keep_global_;
  std::vector<std::string> kernels_;  // exact names
};

}  // namespace wasmpack
