// What is linked with an object or archive sees of it: the symbols that it defines and those that
// it leaves undefined. An archive counts as a whole: a symbol that moved to another member is no
// change.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inspect/compare/difference_parts.h"
#include "inspect/compare/match.h"
#include "inspect/compare/symbol_types.h"
#include "object/reserved_names.h"

namespace wasmpack {
namespace {

// What of a symbol is told and compared.
constexpr uint32_t kComparedFlags = kSymbolWeak | kSymbolHidden | kSymbolTls;

struct GlobalName {
  std::string_view name;
  const SymbolFact* symbol;  // its best definition, else the strongest reference
  std::string_view type;
};

struct GlobalNames {
  std::vector<GlobalName> defined;
  std::vector<GlobalName> undefined;
};

bool is_better(const SymbolFact& candidate, const SymbolFact& current) {
  const bool is_defined = !(candidate.flags & kSymbolUndefined);
  const bool was_defined = !(current.flags & kSymbolUndefined);
  if (is_defined != was_defined) return is_defined;
  return (current.flags & kSymbolWeak) && !(candidate.flags & kSymbolWeak);
}

GlobalNames list_names(const ComparedFile& file) {
  std::vector<GlobalName> all;
  std::unordered_map<std::string_view, size_t> numbers;
  for (const Facts& facts : file.members) {
    const SymbolTypes types(facts);
    for (const SymbolFact& symbol : facts.symbols) {
      if (symbol.kind == SymbolKind::section || (symbol.flags & kSymbolLocal)) continue;
      const auto [at, is_new] = numbers.try_emplace(symbol.name, all.size());
      if (is_new)
        all.push_back({symbol.name, &symbol, types.type_of(symbol)});
      else if (is_better(symbol, *all[at->second].symbol))
        all[at->second] = {symbol.name, &symbol, types.type_of(symbol)};
    }
  }
  GlobalNames names;
  for (const GlobalName& name : all) {
    if (!(name.symbol->flags & kSymbolUndefined))
      names.defined.push_back(name);
    else if (!is_linker_owned(name.name))
      names.undefined.push_back(name);
  }
  return names;
}

bool is_weak(const GlobalName& name) { return name.symbol->flags & kSymbolWeak; }

std::string_view describe(ComparisonParts& parts, const GlobalName& name) {
  std::string text(symbol_kind_name(name.symbol->kind));
  if (!name.type.empty()) text += ' ' + std::string(name.type);
  if (name.symbol->kind == SymbolKind::data && name.symbol->size)
    text +=
        ", " + std::to_string(*name.symbol->size) + (*name.symbol->size == 1 ? " byte" : " bytes");
  for (const std::string& word : symbol_flag_words(name.symbol->flags & kComparedFlags))
    text += ' ' + word;
  return parts.keep(std::move(text));
}

void compare_definition(ComparisonParts& parts, const GlobalName& before, const GlobalName& after) {
  const SymbolFact& old_symbol = *before.symbol;
  const SymbolFact& new_symbol = *after.symbol;
  const bool is_other_type = old_symbol.kind != new_symbol.kind || before.type != after.type;
  const bool is_other_tls = (old_symbol.flags ^ new_symbol.flags) & kSymbolTls;
  const bool is_other_size =
      old_symbol.kind == SymbolKind::data && old_symbol.size != new_symbol.size;
  const bool is_other_binding =
      (old_symbol.flags ^ new_symbol.flags) & (kSymbolWeak | kSymbolHidden);
  if (!is_other_type && !is_other_tls && !is_other_size && !is_other_binding) return;
  std::string_view reason;
  if (is_other_type)
    reason = "code that was compiled for the old type cannot use it";
  else if (is_other_tls)
    reason = "code reaches thread-local data in another way";
  else if (is_other_size)
    reason = "code that knows its old size must be compiled anew";
  parts.add({DifferenceGroup::symbols,
             ChangeKind::changed,
             {},
             after.name,
             describe(parts, before),
             describe(parts, after),
             is_other_type || is_other_tls,
             reason});
}

void compare_defined(ComparisonParts& parts, const std::vector<GlobalName>& old_names,
                     const std::vector<GlobalName>& new_names) {
  const auto key = [](const GlobalName& name) { return MatchKey{{}, name.name}; };
  constexpr auto group = DifferenceGroup::symbols;
  for (const Match& match : match_by(old_names, new_names, key)) {
    if (!match.new_item) {
      // Inline functions of C++ are weak: whoever uses one brings a copy along.
      const GlobalName& gone = old_names[*match.old_item];
      parts.add({group,
                 ChangeKind::removed,
                 {},
                 gone.name,
                 describe(parts, gone),
                 {},
                 !is_weak(gone),
                 is_weak(gone) ? "weak: who uses it may have a copy" : "who uses it cannot link"});
    } else if (!match.old_item) {
      const GlobalName& fresh = new_names[*match.new_item];
      parts.add({group, ChangeKind::added, {}, fresh.name, {}, describe(parts, fresh), false, {}});
    } else {
      compare_definition(parts, old_names[*match.old_item], new_names[*match.new_item]);
    }
  }
}

void compare_undefined(ComparisonParts& parts, const std::vector<GlobalName>& old_names,
                       const std::vector<GlobalName>& new_names) {
  const auto key = [](const GlobalName& name) { return MatchKey{{}, name.name}; };
  constexpr auto group = DifferenceGroup::undefined;
  for (const Match& match : match_by(old_names, new_names, key)) {
    if (!match.new_item) {
      const GlobalName& gone = old_names[*match.old_item];
      parts.add({group, ChangeKind::removed, {}, gone.name, describe(parts, gone), {}, false, {}});
      continue;
    }
    const GlobalName& fresh = new_names[*match.new_item];
    if (!match.old_item) {
      parts.add({group,
                 ChangeKind::added,
                 {},
                 fresh.name,
                 {},
                 describe(parts, fresh),
                 !is_weak(fresh),
                 is_weak(fresh) ? "" : "what it was linked with may not have it"});
      continue;
    }
    const GlobalName& before = old_names[*match.old_item];
    const bool is_other_type =
        before.symbol->kind != fresh.symbol->kind || before.type != fresh.type;
    const bool is_needed_now = is_weak(before) && !is_weak(fresh);
    if (!is_other_type && is_weak(before) == is_weak(fresh)) continue;
    parts.add({group,
               ChangeKind::changed,
               {},
               fresh.name,
               describe(parts, before),
               describe(parts, fresh),
               is_other_type || is_needed_now,
               is_other_type   ? "what it was linked with has the old type"
               : is_needed_now ? "what it was linked with may not have it"
                               : ""});
  }
}

}  // namespace

void compare_symbols(ComparisonParts& parts) {
  const GlobalNames old_names = list_names(parts.old_file);
  const GlobalNames new_names = list_names(parts.new_file);
  compare_defined(parts, old_names.defined, new_names.defined);
  compare_undefined(parts, old_names.undefined, new_names.undefined);
}

}  // namespace wasmpack
