#include "inspect/facts/problem_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace wasmpack {

bool ProblemList::add(std::string_view id, std::string_view section, uint64_t offset,
                      std::string message, std::string help) {
  if (is_full()) return ++dropped_, false;
  Diagnostic problem;
  problem.id = id;
  problem.where = {.file = std::string(object_.file),
                   .member = std::string(object_.member),
                   .section = std::string(section),
                   .offset = offset};
  problem.message = std::move(message);
  problem.help = std::move(help);
  problems_.push_back(std::move(problem));
  return true;
}

void ProblemList::add(std::vector<Diagnostic> problems) {
  for (Diagnostic& problem : problems) {
    if (is_full())
      ++dropped_;
    else
      problems_.push_back(std::move(problem));
  }
}

std::vector<Diagnostic> ProblemList::take() {
  std::ranges::sort(problems_, [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where.offset, a.message) < std::tie(b.where.offset, b.message);
  });
  if (dropped_ != 0) {
    Diagnostic more;
    more.id = "invalid-linking";
    more.where = {.file = std::string(object_.file), .member = std::string(object_.member)};
    more.message = "more problems of the linking information are not listed";
    problems_.push_back(std::move(more));
  }
  return std::move(problems_);
}

}  // namespace wasmpack
