// Constructors: which there are, in which order they run, and who runs them.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/compare/difference_parts.h"
#include "inspect/compare/match.h"

namespace wasmpack {
namespace {

constexpr size_t kMostNamesShown = 8;
constexpr size_t kLongestNameShown = 100;  // bytes

std::vector<ConstructorFact> list_constructors(const ComparedFile& file) {
  std::vector<ConstructorFact> all;
  for (const Facts& facts : file.members)
    for (const ConstructorFact& constructor : facts.constructors)
      all.push_back({constructor.order, constructor.priority, constructor.function, {}, {}, {}});
  return all;
}

// Whether constructors can be told apart: they have names, and there are constructors or it is
// known that there are none.
bool are_known(const ComparedFile& file, const std::vector<ConstructorFact>& constructors) {
  if (!file.is_relocatable() && file.members[0].init.chain == ChainState::unknown) return false;
  return std::ranges::none_of(constructors, [](const ConstructorFact& constructor) {
    return constructor.function.name.empty();
  });
}

std::string_view priority_text(ComparisonParts& parts, const ConstructorFact& constructor) {
  if (!constructor.priority) return "constructor";
  return parts.keep("priority " + std::to_string(*constructor.priority));
}

// "`a`, `b`, ..." from the first place where two orders differ.
std::string list_names(const std::vector<std::string_view>& names, size_t first) {
  std::string text;
  const size_t end = std::min(names.size(), first + kMostNamesShown);
  for (size_t i = first; i < end; ++i) {
    text += (i == first ? "`" : ", `");
    text += std::string(names[i].substr(0, kLongestNameShown));
    text += names[i].size() > kLongestNameShown ? "...`" : "`";
  }
  return end < names.size() ? text + ", ..." : text;
}

// Those that both sides have, each side in its order.
void compare_order(ComparisonParts& parts, const std::vector<ConstructorFact>& old_ones,
                   const std::vector<ConstructorFact>& new_ones,
                   const std::vector<Match>& matches) {
  std::vector<std::string_view> old_order;
  std::vector<bool> is_common(new_ones.size());
  for (const Match& match : matches) {
    if (!match.old_item || !match.new_item) continue;
    old_order.push_back(old_ones[*match.old_item].function.name);
    is_common[*match.new_item] = true;
  }
  std::vector<std::string_view> new_order;
  for (size_t i = 0; i < new_ones.size(); ++i)
    if (is_common[i]) new_order.push_back(new_ones[i].function.name);
  const auto [differs, ignored] = std::ranges::mismatch(old_order, new_order);
  if (differs == old_order.end()) return;
  const auto first = static_cast<size_t>(differs - old_order.begin());
  parts.add({DifferenceGroup::constructors,
             ChangeKind::changed,
             {},
             "order",
             parts.keep(list_names(old_order, first)),
             parts.keep(list_names(new_order, first)),
             false,
             {}});
}

void compare_lists(ComparisonParts& parts) {
  const std::vector<ConstructorFact> old_ones = list_constructors(parts.old_file);
  const std::vector<ConstructorFact> new_ones = list_constructors(parts.new_file);
  constexpr auto group = DifferenceGroup::constructors;
  if (!are_known(parts.old_file, old_ones) || !are_known(parts.new_file, new_ones)) {
    if (old_ones.size() != new_ones.size())
      parts.add({group,
                 ChangeKind::changed,
                 {},
                 "count",
                 parts.keep(std::to_string(old_ones.size())),
                 parts.keep(std::to_string(new_ones.size())),
                 false,
                 "names are stripped, so that only their number is known"});
    return;
  }
  const auto key = [](const ConstructorFact& constructor) {
    return MatchKey{{}, constructor.function.name};
  };
  const std::vector<Match> matches = match_by(old_ones, new_ones, key);
  for (const Match& match : matches) {
    if (!match.new_item) {
      const ConstructorFact& gone = old_ones[*match.old_item];
      parts.add({group,
                 ChangeKind::removed,
                 {},
                 gone.function.name,
                 priority_text(parts, gone),
                 {},
                 false,
                 {}});
    } else if (!match.old_item) {
      const ConstructorFact& fresh = new_ones[*match.new_item];
      parts.add({group,
                 ChangeKind::added,
                 {},
                 fresh.function.name,
                 {},
                 priority_text(parts, fresh),
                 false,
                 {}});
    } else if (old_ones[*match.old_item].priority != new_ones[*match.new_item].priority) {
      parts.add({group,
                 ChangeKind::changed,
                 {},
                 new_ones[*match.new_item].function.name,
                 priority_text(parts, old_ones[*match.old_item]),
                 priority_text(parts, new_ones[*match.new_item]),
                 false,
                 {}});
    }
  }
  // Which member of an archive is first is up to the link.
  if (!parts.old_file.is_archive && !parts.new_file.is_archive)
    compare_order(parts, old_ones, new_ones, matches);
}

struct Runners {
  bool are_known = true;
  bool has_constructors = false;
  bool are_automatic = false;  // the host need not do anything
  bool is_anyone = false;
  std::string text;
  std::vector<std::string_view> calls;  // exports by which the host runs them, sorted
};

Runners find_runners(const Facts& facts) {
  const InitFacts& init = facts.init;
  Runners runners;
  runners.are_known = init.chain != ChainState::unknown && init.is_complete;
  runners.has_constructors =
      init.chain == ChainState::present && (!facts.constructors.empty() || !init.is_plain);
  if (!runners.has_constructors) {
    runners.text = "there are none";
    return runners;
  }
  std::vector<std::string_view>& callers = runners.calls;
  size_t wrappers = 0;
  for (const ChainCaller& caller : init.callers) {
    if (caller.kind == CallerKind::export_) callers.push_back(caller.name);
    if (caller.kind == CallerKind::start) runners.text = "start section";
    if (caller.kind == CallerKind::wrapper) ++wrappers;
  }
  if (init.exported_as) callers.push_back(*init.exported_as);
  // Which exports are wrapped says nothing new: all of them are.
  if (wrappers > 0) runners.text += runners.text.empty() ? "every export" : ", every export";
  runners.are_automatic = !runners.text.empty();
  std::ranges::sort(callers);
  if (!callers.empty())
    runners.text +=
        (runners.text.empty() ? "the host by " : ", the host by ") + list_names(callers, 0);
  runners.is_anyone = !runners.text.empty();
  if (!runners.is_anyone) runners.text = "nobody";
  return runners;
}

// Whether hosts of the old module may call what runs the constructors of the new one already.
bool is_called_already(const Facts& old_facts, const Runners& after) {
  return std::ranges::any_of(old_facts.exports, [&](const ExportFact& entry) {
    return std::ranges::binary_search(after.calls, entry.name);
  });
}

// A host that did not have to do anything, or that called what ran them, is told when that is over.
void compare_runners(ComparisonParts& parts) {
  const Facts& old_facts = parts.old_file.members[0];
  const Runners before = find_runners(old_facts);
  const Runners after = find_runners(parts.new_file.members[0]);
  if (!before.are_known || !after.are_known || before.text == after.text) return;
  const bool is_lost = after.has_constructors && before.is_anyone && !after.is_anyone;
  const bool is_chore = after.has_constructors && after.is_anyone && !after.are_automatic &&
                        (before.are_automatic || !is_called_already(old_facts, after));
  parts.add({DifferenceGroup::constructors,
             ChangeKind::changed,
             {},
             "run by",
             parts.keep(before.text),
             parts.keep(after.text),
             is_lost || is_chore,
             is_lost    ? "they no longer run"
             : is_chore ? "hosts of the old one do not call that"
                        : ""});
}

}  // namespace

void compare_constructors(ComparisonParts& parts) {
  compare_lists(parts);
  if (!parts.old_file.is_relocatable() && !parts.new_file.is_relocatable()) compare_runners(parts);
}

}  // namespace wasmpack
