#include "inspect/facts/linking_problems.h"

#include <array>
#include <utility>

#include "inspect/facts/linking_rules.h"
#include "inspect/facts/problem_list.h"
#include "inspect/facts/relocated_fields.h"
#include "object/verify.h"
#include "support/parallel.h"

namespace wasmpack {

std::vector<Diagnostic> find_linking_problems(LenientObject& file) {
  const Object& object = file.object;
  ProblemList problems(object);
  problems.add(std::move(file.problems));
  check_section_rules(object, problems);
  if (object.has_linking) {
    uint64_t weight = 0;
    for (const RelocationSection& relocations : object.relocations)
      weight += relocations.entries.size();
    const auto check_relocations = [&object](ProblemList& list) {
      std::vector<Diagnostic> found = find_relocation_problems(object, ProblemList::kMaxProblems);
      for (Diagnostic& problem : found) problem.id = "invalid-linking";
      list.add(std::move(found));
    };
    const auto check_symbols = [&object](ProblemList& list) {
      check_symbol_rules(object, list);
      check_subsection_rules(object, list);
    };
    std::array<ProblemList, 2> lists = {ProblemList(object), ProblemList(object)};
    parallel_for(lists.size(), weight, [&](size_t part) {
      if (part == 0) {
        check_relocated_fields(object, lists[0]);
      } else {
        check_relocations(lists[1]);
        check_symbols(lists[1]);
      }
    });
    problems.add(lists[1].take());
    problems.add(lists[0].take());
  }
  return problems.take();
}

}  // namespace wasmpack
