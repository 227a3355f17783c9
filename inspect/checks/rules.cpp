#include "inspect/checks/rules.h"

#include <iterator>
#include <utility>

namespace wasmpack {
namespace {

template <typename Entry>
void append(std::vector<Entry>& to, std::vector<Entry>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

template <typename Value>
void take(std::optional<Value>& to, std::optional<Value>& from) {
  if (from) to = std::move(from);
}

}  // namespace

void merge_rules(Rules& rules, Rules more) {
  if (!rules.origin.empty() && !more.origin.empty()) rules.origin += " and ";
  rules.origin += more.origin;
  take(rules.kind, more.kind);
  take(rules.max_size, more.max_size);
  append(rules.section_budgets, more.section_budgets);
  append(rules.exports, more.exports);
  append(rules.kernels, more.kernels);
  rules.only_expected_exports = rules.only_expected_exports || more.only_expected_exports;
  append(rules.forbidden_imports, more.forbidden_imports);
  take(rules.allowed_imports, more.allowed_imports);
  append(rules.forbidden_features, more.forbidden_features);
  take(rules.allowed_features, more.allowed_features);
  if (!more.bundle_name.empty()) rules.bundle_name = std::move(more.bundle_name);
  if (!more.bundle_version.empty()) rules.bundle_version = std::move(more.bundle_version);
  append(rules.severities, more.severities);
}

}  // namespace wasmpack
