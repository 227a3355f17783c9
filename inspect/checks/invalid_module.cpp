// The validator's verdict: `invalid-module`, and `not-validated` where it has none.

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

constexpr size_t kValidatorTextShown = 500;

void add(const Check& check, std::string_view what, const CheckInput& input,
         std::vector<Diagnostic>& findings) {
  const ValidityFact& validity = input.facts.validity;
  Diagnostic finding = make_finding(
      check, input.facts, std::string(what) + cut_text(validity.message, kValidatorTextShown));
  finding.where.offset = validity.offset;
  findings.push_back(std::move(finding));
}

void find_invalid(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.facts.validity.state == Validity::invalid)
    add(kInvalidModule, "the module is invalid: ", input, findings);
}

void find_not_validated(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.facts.validity.state == Validity::not_validated)
    add(kNotValidated, "whether it is valid is not known: ", input, findings);
}

}  // namespace

const Check kInvalidModule = {
    .id = "invalid-module",
    .severity = Severity::error,
    .reason = "no engine loads an invalid module",
    .fix = "make the file again; if a compiler or optimizer wrote it, report the bug to it",
    .page =
        "The validator of wabt, all features on, refused the file. `--no-validate` leaves the "
        "question out.",
    .run = find_invalid,
};

const Check kNotValidated = {
    .id = "not-validated",
    .severity = Severity::note,
    .reason = "the validator does not know something in the file, so nobody has checked it",
    .fix = "try the file in the engine that is to run it",
    .page =
        "wabt 1.0.32 is older than some features (`try_table`, GC, custom page sizes). What it "
        "does not know is never called invalid.",
    .run = find_not_validated,
};

}  // namespace wasmpack
