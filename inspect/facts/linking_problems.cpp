#include "inspect/facts/linking_problems.h"

#include <utility>

#include "inspect/facts/linking_rules.h"
#include "inspect/facts/problem_list.h"
#include "inspect/facts/relocated_fields.h"
#include "object/verify.h"

namespace wasmpack {

std::vector<Diagnostic> find_linking_problems(LenientObject& file) {
  const Object& object = file.object;
  ProblemList problems(object);
  problems.add(std::move(file.problems));
  check_section_rules(object, problems);
  if (object.has_linking) {
    check_symbol_rules(object, problems);
    check_subsection_rules(object, problems);
    std::vector<Diagnostic> relocations =
        find_relocation_problems(object, ProblemList::kMaxProblems);
    for (Diagnostic& problem : relocations) problem.id = "invalid-linking";
    problems.add(std::move(relocations));
    check_relocated_fields(object, problems);
  }
  return problems.take();
}

}  // namespace wasmpack
