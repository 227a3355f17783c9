// Collects what is wrong with a file's linking information: bounded, since a damaged file may be
// wrong in a million places.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

class ProblemList {
 public:
  // Of one file, and of one rule or relocation section.
  static constexpr size_t kMaxProblems = 100;

  explicit ProblemList(const Object& object) : object_(object) {}

  // A problem at `offset` of the file, in a section of that name. False: it was one too many.
  bool add(std::string_view id, std::string_view section, uint64_t offset, std::string message,
           std::string help = {});
  // The same for a rule of Linking.md.
  bool add_rule(std::string_view section, uint64_t offset, std::string message,
                std::string help = {}) {
    return add("invalid-linking", section, offset, std::move(message), std::move(help));
  }
  void add(std::vector<Diagnostic> problems);
  // Of the problem that was added last.
  void lower_severity(Severity severity) { problems_.back().severity = severity; }

  bool is_full() const { return problems_.size() >= kMaxProblems; }
  // By place in the file; when some were left out, a last one says how many at least.
  std::vector<Diagnostic> take();

 private:
  const Object& object_;
  std::vector<Diagnostic> problems_;
  uint64_t dropped_ = 0;
};

}  // namespace wasmpack
