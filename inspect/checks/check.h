// What is wrong with a file: checks look at facts and give findings.
//
// A check is one row of a table and one function in a file of its own. A finding is a Diagnostic
// whose id and severity are the check's (a check may lower the severity where it is not sure).
#pragma once

#include <optional>
#include <span>
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
  std::string_view id;  // "ctor-rerun"
  Severity severity;
  std::string_view reason;  // why it matters, one line
  std::string_view fix;     // the way out, one line; the help of its findings
  std::string_view page;    // what docs/checks.md says besides, Markdown
  void (*run)(const CheckInput& input, std::vector<Diagnostic>& findings);
};

// All checks, by id.
std::span<const Check* const> all_checks();

// Runs all checks on one file. Sorted by severity (errors first), then id, then place.
std::vector<Diagnostic> check_facts(const CheckInput& input);

// A finding of `check` at the file (and member) of `facts`; the place may be made more precise.
Diagnostic make_finding(const Check& check, const Facts& facts, std::string message);

}  // namespace wasmpack
