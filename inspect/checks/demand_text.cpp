#include "inspect/checks/demand_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include "inspect/checks/finding_text.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

constexpr std::array<std::string_view, 5> kKindNames = {"function", "table", "memory", "global",
                                                        "tag"};
constexpr std::string_view kValueTypes[] = {"i32",      "i64",     "f32",         "f64",
                                            "v128",     "funcref", "externref",   "exnref",
                                            "anyref",   "eqref",   "i31ref",      "structref",
                                            "arrayref", "nullref", "nullfuncref", "nullexternref"};

// The parts between commas, outside of parentheses.
std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> parts;
  if (list.empty()) return parts;
  size_t depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '(') ++depth;
    if (list[i] == ')' && depth > 0) --depth;
    if (list[i] != ',' || depth != 0) continue;
    parts.push_back(list.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(list.substr(begin));
  return parts;
}

bool is_list(std::string_view text) {
  return text.size() >= 2 && text.front() == '(' && text.back() == ')';
}

std::string find_list_problem(std::string_view list) {
  for (const std::string_view part : split_list(list)) {
    if (part.starts_with("(ref") || std::ranges::find(kValueTypes, part) != std::end(kValueTypes))
      continue;
    const std::string suggestion = suggest_sentence(part, kValueTypes);
    return cite_name(part) + " is no value type" + (suggestion.empty() ? "" : ": " + suggestion);
  }
  return {};
}

}  // namespace

std::string normalize_type(std::string_view type) {
  std::string text;
  for (const char c : type)
    if (c != ' ' && c != '\t') text += c;
  const size_t arrow = text.find(")->(");
  if (arrow == std::string::npos || text.back() != ')') return text;
  const std::string_view results = std::string_view(text).substr(arrow + 4);
  const std::string_view inner = results.substr(0, results.size() - 1);
  // "(ref ...)" is one type, not a list.
  if (inner.empty() || inner.starts_with("ref") || split_list(inner).size() != 1) return text;
  return text.substr(0, arrow + 3) + std::string(inner);
}

bool meets_demand(std::string_view demand, ExternKind kind, std::string_view type) {
  if (demand.empty() || demand == extern_kind_name(kind)) return true;
  return normalize_type(demand) == normalize_type(type);
}

std::string find_type_problem(std::string_view demand) {
  const std::string text = normalize_type(demand);
  if (text.empty() || std::ranges::find(kKindNames, demand) != kKindNames.end()) return {};
  // Limits of memories and tables, types of globals.
  if (text.front() != '(') {
    std::string_view value = text;
    if (value.starts_with("mut")) value.remove_prefix(3);
    if (value.find("..") != value.npos) return {};
    return find_list_problem(value);
  }
  const size_t arrow = text.find(")->");
  if (arrow == std::string::npos) return "a function type is written (i32,f32)->i32";
  std::string problem = find_list_problem(std::string_view(text).substr(1, arrow - 1));
  std::string_view results = std::string_view(text).substr(arrow + 3);
  if (is_list(results) && !results.starts_with("(ref"))
    results = results.substr(1, results.size() - 2);
  else if (results.empty())
    return "a function without result is written (i32)->()";
  return problem.empty() ? find_list_problem(results) : problem;
}

PatternList make_patterns(std::span<const std::string> patterns) {
  Result<PatternList> list = PatternList::create(patterns, "rules");
  if (list) return std::move(*list);
  std::vector<std::string> good;
  for (const std::string& pattern : patterns)
    if (PatternList::create({&pattern, 1}, "rules")) good.push_back(pattern);
  Result<PatternList> rest = PatternList::create(good, "rules");
  return rest ? std::move(*rest) : PatternList();
}

}  // namespace wasmpack
