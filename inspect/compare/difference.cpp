#include "inspect/compare/difference.h"

#include <algorithm>
#include <tuple>

#include "inspect/compare/difference_parts.h"
#include "inspect/compare/match.h"

namespace wasmpack {
namespace {

// A bundle is a module with more in it, so that one may become the other.
WasmKind linkage_kind(const ComparedFile& file) {
  const WasmKind kind = file.is_archive ? WasmKind::object : file.members[0].kind;
  return kind == WasmKind::bundle ? WasmKind::module : kind;
}

std::string_view kind_name(const ComparedFile& file) {
  return file.is_archive ? "archive" : wasm_kind_name(file.members[0].kind);
}

bool is_wasm64(const ComparedFile& file) {
  return std::ranges::any_of(file.members, [](const Facts& facts) { return facts.is64; });
}

void compare_kinds(ComparisonParts& parts) {
  const std::string_view old_kind = kind_name(parts.old_file);
  const std::string_view new_kind = kind_name(parts.new_file);
  if (old_kind != new_kind) {
    const bool is_break = linkage_kind(parts.old_file) != linkage_kind(parts.new_file);
    parts.add({DifferenceGroup::file,
               ChangeKind::changed,
               {},
               "kind",
               old_kind,
               new_kind,
               is_break,
               is_break ? "files of these kinds are used in different ways" : ""});
  }
  const auto width = [](bool is64) { return is64 ? "wasm64" : "wasm32"; };
  const bool was64 = is_wasm64(parts.old_file);
  const bool now64 = is_wasm64(parts.new_file);
  if (was64 != now64)
    parts.add({DifferenceGroup::file,
               ChangeKind::changed,
               {},
               "addresses",
               width(was64),
               width(now64),
               true,
               "every pointer has another type"});
}

// Every feature once, whatever the number of members that name it.
std::vector<TargetFeature> collect_features(const ComparedFile& file) {
  std::vector<TargetFeature> all;
  for (const Facts& facts : file.members)
    all.insert(all.end(), facts.features.begin(), facts.features.end());
  const auto order = [](const TargetFeature& a, const TargetFeature& b) {
    return std::tie(a.name, a.prefix) < std::tie(b.name, b.prefix);
  };
  std::ranges::sort(all, order);
  const auto repeated =
      std::ranges::unique(all, [](const TargetFeature& a, const TargetFeature& b) {
        return a.prefix == b.prefix && a.name == b.name;
      });
  all.erase(repeated.begin(), repeated.end());
  return all;
}

std::string_view prefix_meaning(char prefix) {
  return prefix == '-' ? "disallowed" : prefix == '=' ? "required" : "used";
}

}  // namespace

// What engines must know is told, but breaks nothing: `target_features` says what the compiler was
// allowed to use, and compilers allow more with every version.
void compare_features(ComparisonParts& parts) {
  const std::vector<TargetFeature> old_features = collect_features(parts.old_file);
  const std::vector<TargetFeature> new_features = collect_features(parts.new_file);
  const auto key = [](const TargetFeature& feature) { return MatchKey{{}, feature.name}; };
  for (const Match& match : match_by(old_features, new_features, key)) {
    if (!match.new_item) {
      const TargetFeature& gone = old_features[*match.old_item];
      parts.add({DifferenceGroup::features,
                 ChangeKind::removed,
                 {},
                 gone.name,
                 prefix_meaning(gone.prefix),
                 {},
                 false,
                 {}});
    } else if (!match.old_item) {
      const TargetFeature& fresh = new_features[*match.new_item];
      parts.add({DifferenceGroup::features,
                 ChangeKind::added,
                 {},
                 fresh.name,
                 {},
                 prefix_meaning(fresh.prefix),
                 false,
                 {}});
    } else if (old_features[*match.old_item].prefix != new_features[*match.new_item].prefix) {
      parts.add({DifferenceGroup::features,
                 ChangeKind::changed,
                 {},
                 old_features[*match.old_item].name,
                 prefix_meaning(old_features[*match.old_item].prefix),
                 prefix_meaning(new_features[*match.new_item].prefix),
                 false,
                 {}});
    }
  }
}

std::string_view difference_group_name(DifferenceGroup group) {
  constexpr std::string_view names[] = {"file",    "exports",  "imports",
                                        "kernels", "symbols",  "undefined",
                                        "memory",  "features", "constructors"};
  return names[static_cast<size_t>(group)];
}

std::string_view change_kind_name(ChangeKind kind) {
  constexpr std::string_view names[] = {"removed", "added", "changed"};
  return names[static_cast<size_t>(kind)];
}

Comparison compare_files(const ComparedFile& old_file, const ComparedFile& new_file) {
  Comparison result;
  ComparisonParts parts{old_file, new_file, result};
  compare_kinds(parts);
  compare_exports(parts);
  if (!old_file.is_relocatable() && !new_file.is_relocatable()) {
    compare_imports(parts);
    compare_kernels(parts);
    compare_memories(parts);
  } else if (old_file.is_relocatable() && new_file.is_relocatable()) {
    compare_symbols(parts);
  }
  compare_features(parts);
  compare_constructors(parts);
  compare_sizes(parts);
  std::ranges::stable_sort(result.differences, [](const Difference& a, const Difference& b) {
    return std::tie(a.group, a.change) < std::tie(b.group, b.change);
  });
  return result;
}

}  // namespace wasmpack
