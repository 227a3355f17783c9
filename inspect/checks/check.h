// What is wrong with a file: checks look at facts and give findings.
//
// A check is one row of a table and one function in a file of its own. A finding is a Diagnostic
// whose id and severity are the check's (a check may lower the severity where it is not sure).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/checks/rules.h"
#include "inspect/facts/facts.h"
#include "support/diagnostic.h"

namespace wasmpack {

// What a check may look at.
struct CheckInput {
  const Facts& facts;
  const Object* object;  // null for a component
  const Rules& rules;    // what the user demands; demands nothing by default
  // Whether the link takes this archive member; only known where a link line is given.
  std::optional<bool> is_pulled = {};
};

struct Check {
  std::string_view id;      // "ctor-rerun"
  Severity severity;        // the highest that its findings have
  std::string_view reason;  // why it matters, one line
  std::string_view fix;     // the way out, one line; the help of its findings
  std::string_view page;    // what docs/checks.md says besides, Markdown
  // Appends its findings. Null: one file's facts do not tell, the findings come from elsewhere
  // (inspect/compare/).
  void (*run)(const CheckInput& input, std::vector<Diagnostic>& findings);
};

// All checks, by id.
std::span<const Check* const> all_checks();
// Null for an unknown id.
const Check* find_check(std::string_view id);

// Runs all checks on one file. Severities as the rules choose them; sorted by severity (errors
// first), then id, then place.
std::vector<Diagnostic> check_facts(const CheckInput& input);

// For findings that were made elsewhere: drops those whose check is off, gives the others the
// severity that the rules choose, and sorts.
void apply_severities(const Rules& rules, std::vector<Diagnostic>& findings);

// A finding of `check` at the file (and member) of `facts`; the place may be made more precise.
Diagnostic make_finding(const Check& check, const Facts& facts, std::string message);
// The same at a section and an offset in the file.
Diagnostic make_finding(const Check& check, const Facts& facts, std::string_view section,
                        uint64_t offset, std::string message);

}  // namespace wasmpack
