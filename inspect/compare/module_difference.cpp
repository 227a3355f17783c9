// What a host sees of a module: exports, imports, kernels, memories and tables.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/compare/difference_parts.h"
#include "inspect/compare/match.h"

namespace wasmpack {
namespace {

// A type of a memory or table as inspect/facts/type_text.h writes it: "funcref 1..16 i64".
struct ParsedLimits {
  uint64_t minimum = 0;
  std::optional<uint64_t> maximum;
  std::string_view before;  // the type of a table's elements
  std::string_view after;   // i64, shared, page size
};

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ParsedLimits> parse_limits(std::string_view text) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const size_t begin = text.find_last_of(' ', dots) + 1;  // 0 without a space
  const size_t end = std::min(text.find(' ', dots), text.size());
  const std::optional<uint64_t> minimum = parse_number(text.substr(begin, dots - begin));
  const std::string_view maximum = text.substr(dots + 2, end - dots - 2);
  ParsedLimits limits{minimum.value_or(0), parse_number(maximum), text.substr(0, begin),
                      text.substr(end)};
  if (!minimum || (!maximum.empty() && !limits.maximum)) return std::nullopt;
  return limits;
}

struct Verdict {
  bool is_break;
  std::string_view reason;
};

// Whether what satisfied the old import satisfies the new one (core specification, import
// matching).
Verdict judge_import(const ImportFact& old_import, const ImportFact& new_import) {
  const auto old_limits = parse_limits(old_import.type);
  const auto new_limits = parse_limits(new_import.type);
  const bool has_limits =
      old_import.kind == ExternKind::memory || old_import.kind == ExternKind::table;
  if (old_import.kind != new_import.kind || !has_limits || !old_limits || !new_limits ||
      old_limits->before != new_limits->before || old_limits->after != new_limits->after)
    return {true, "hosts give what the old type asks for"};
  if (new_limits->minimum > old_limits->minimum) return {true, "what hosts give may be too small"};
  if (new_limits->maximum && (!old_limits->maximum || *old_limits->maximum > *new_limits->maximum))
    return {true, "what hosts give may grow too large"};
  return {false, "what satisfied the old one satisfies the new one"};
}

// Limits of an export bind nobody, but what kind of memory or table it is does.
Verdict judge_export(const ExportFact& old_export, const ExportFact& new_export) {
  const auto old_limits = parse_limits(old_export.type);
  const auto new_limits = parse_limits(new_export.type);
  const bool has_limits =
      old_export.kind == ExternKind::memory || old_export.kind == ExternKind::table;
  if (old_export.kind == new_export.kind && has_limits && old_limits && new_limits &&
      old_limits->before == new_limits->before && old_limits->after == new_limits->after)
    return {false, "only its limits changed"};
  return {true, "hosts use it with the old type"};
}

// "()->i32" of a function; "memory 1.." of anything else, "function ()->i32" if the kind changed.
std::string_view value_text(ComparisonParts& parts, ExternKind kind, std::string_view type,
                            bool names_kind) {
  if (kind == ExternKind::function && !names_kind) return type;
  return parts.keep(std::string(extern_kind_name(kind)) + ' ' + std::string(type));
}

std::vector<ExportFact> list_exports(const ComparedFile& file) {
  std::vector<ExportFact> all;
  for (const Facts& facts : file.members)
    all.insert(all.end(), facts.exports.begin(), facts.exports.end());
  return all;
}

// The kernels of a bundle; of any other module none.
const std::vector<KernelFact>& list_kernels(const ComparedFile& file) {
  static const std::vector<KernelFact> none;
  const Facts& facts = file.members[0];
  return facts.bundle ? facts.bundle->kernels : none;
}

}  // namespace

void compare_exports(ComparisonParts& parts) {
  const std::vector<ExportFact> old_exports = list_exports(parts.old_file);
  const std::vector<ExportFact> new_exports = list_exports(parts.new_file);
  const auto key = [](const ExportFact& entry) { return MatchKey{{}, entry.name}; };
  constexpr auto group = DifferenceGroup::exports;
  for (const Match& match : match_by(old_exports, new_exports, key)) {
    if (!match.new_item) {
      const ExportFact& gone = old_exports[*match.old_item];
      parts.add({group,
                 ChangeKind::removed,
                 {},
                 gone.name,
                 value_text(parts, gone.kind, gone.type, false),
                 {},
                 true,
                 "hosts that use it fail"});
      continue;
    }
    const ExportFact& fresh = new_exports[*match.new_item];
    if (!match.old_item) {
      parts.add({group,
                 ChangeKind::added,
                 {},
                 fresh.name,
                 {},
                 value_text(parts, fresh.kind, fresh.type, false),
                 false,
                 {}});
      continue;
    }
    const ExportFact& before = old_exports[*match.old_item];
    if (before.kind == fresh.kind && before.type == fresh.type) continue;
    const Verdict verdict = judge_export(before, fresh);
    const bool names_kind = before.kind != fresh.kind;
    parts.add({group,
               ChangeKind::changed,
               {},
               fresh.name,
               value_text(parts, before.kind, before.type, names_kind),
               value_text(parts, fresh.kind, fresh.type, names_kind),
               verdict.is_break,
               verdict.reason});
  }
}

void compare_imports(ComparisonParts& parts) {
  const std::vector<ImportFact>& old_imports = parts.old_file.members[0].imports;
  const std::vector<ImportFact>& new_imports = parts.new_file.members[0].imports;
  const auto key = [](const ImportFact& import) { return MatchKey{import.module, import.name}; };
  constexpr auto group = DifferenceGroup::imports;
  for (const Match& match : match_by(old_imports, new_imports, key)) {
    if (!match.new_item) {
      const ImportFact& gone = old_imports[*match.old_item];
      parts.add({group,
                 ChangeKind::removed,
                 gone.module,
                 gone.name,
                 value_text(parts, gone.kind, gone.type, false),
                 {},
                 false,
                 {}});
      continue;
    }
    const ImportFact& fresh = new_imports[*match.new_item];
    if (!match.old_item) {
      parts.add({group,
                 ChangeKind::added,
                 fresh.module,
                 fresh.name,
                 {},
                 value_text(parts, fresh.kind, fresh.type, false),
                 true,
                 "hosts of the old one do not give it"});
      continue;
    }
    const ImportFact& before = old_imports[*match.old_item];
    if (before.kind == fresh.kind && before.type == fresh.type) continue;
    const Verdict verdict = judge_import(before, fresh);
    const bool names_kind = before.kind != fresh.kind;
    parts.add({group, ChangeKind::changed, fresh.module, fresh.name,
               value_text(parts, before.kind, before.type, names_kind),
               value_text(parts, fresh.kind, fresh.type, names_kind), verdict.is_break,
               verdict.reason});
  }
  compare_needed_libraries(parts);
}

void compare_needed_libraries(ComparisonParts& parts) {
  static const std::vector<std::string_view> none;
  const auto needed = [](const ComparedFile& file) -> const std::vector<std::string_view>& {
    const auto& dylink = file.members[0].dylink;
    return dylink ? dylink->needed : none;
  };
  const auto& old_needed = needed(parts.old_file);
  const auto& new_needed = needed(parts.new_file);
  const auto key = [](std::string_view name) { return MatchKey{{}, name}; };
  for (const Match& match : match_by(old_needed, new_needed, key)) {
    if (!match.new_item)
      parts.add({DifferenceGroup::imports,
                 ChangeKind::removed,
                 {},
                 old_needed[*match.old_item],
                 "shared library",
                 {},
                 false,
                 {}});
    else if (!match.old_item)
      parts.add({DifferenceGroup::imports,
                 ChangeKind::added,
                 {},
                 new_needed[*match.new_item],
                 {},
                 "shared library",
                 true,
                 "the loader must find it"});
  }
}

void compare_kernels(ComparisonParts& parts) {
  const std::vector<KernelFact>& old_kernels = list_kernels(parts.old_file);
  const std::vector<KernelFact>& new_kernels = list_kernels(parts.new_file);
  const auto key = [](const KernelFact& kernel) { return MatchKey{{}, kernel.name}; };
  constexpr auto group = DifferenceGroup::kernels;
  for (const Match& match : match_by(old_kernels, new_kernels, key)) {
    if (!match.new_item) {
      const KernelFact& gone = old_kernels[*match.old_item];
      parts.add({group,
                 ChangeKind::removed,
                 {},
                 gone.name,
                 gone.type,
                 {},
                 true,
                 "hosts that look it up fail"});
    } else if (!match.old_item) {
      const KernelFact& fresh = new_kernels[*match.new_item];
      parts.add({group, ChangeKind::added, {}, fresh.name, {}, fresh.type, false, {}});
    } else if (old_kernels[*match.old_item].type != new_kernels[*match.new_item].type) {
      parts.add({group,
                 ChangeKind::changed,
                 {},
                 new_kernels[*match.new_item].name,
                 old_kernels[*match.old_item].type,
                 new_kernels[*match.new_item].type,
                 true,
                 "hosts call it with the old type"});
    }
  }
}

// Those that are imported or exported are told there, too, with what that means.
void compare_memories(ComparisonParts& parts) {
  const std::vector<SpaceFact>& old_spaces = parts.old_file.members[0].spaces;
  const std::vector<SpaceFact>& new_spaces = parts.new_file.members[0].spaces;
  const auto select = [](const std::vector<SpaceFact>& spaces) {
    std::vector<SpaceFact> selected;
    for (const SpaceFact& entry : spaces)
      if (!entry.is_imported &&
          (entry.kind == ExternKind::memory || entry.kind == ExternKind::table))
        selected.push_back(entry);
    return selected;
  };
  const std::vector<SpaceFact> before = select(old_spaces);
  const std::vector<SpaceFact> after = select(new_spaces);
  const auto key = [](const SpaceFact& entry) {
    return MatchKey{{}, extern_kind_name(entry.kind)};
  };
  for (const Match& match : match_by(before, after, key)) {
    if (!match.new_item) {
      const SpaceFact& gone = before[*match.old_item];
      parts.add({DifferenceGroup::memory,
                 ChangeKind::removed,
                 {},
                 extern_kind_name(gone.kind),
                 gone.type,
                 {},
                 false,
                 {}});
    } else if (!match.old_item) {
      const SpaceFact& fresh = after[*match.new_item];
      parts.add({DifferenceGroup::memory,
                 ChangeKind::added,
                 {},
                 extern_kind_name(fresh.kind),
                 {},
                 fresh.type,
                 false,
                 {}});
    } else if (before[*match.old_item].type != after[*match.new_item].type) {
      parts.add({DifferenceGroup::memory,
                 ChangeKind::changed,
                 {},
                 extern_kind_name(after[*match.new_item].kind),
                 before[*match.old_item].type,
                 after[*match.new_item].type,
                 false,
                 {}});
    }
  }
}

}  // namespace wasmpack
