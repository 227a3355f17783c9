#include "linker/symbol_edits.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "object/reserved_names.h"
#include "support/glob.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

// The pattern lists of the edits, compiled.
struct Patterns {
  PatternList keep_global, localize, weaken, export_, unexport, retain;
  std::unordered_map<std::string_view, std::string_view> redefine;
};

std::optional<Patterns> compile_patterns(const SymbolEdits& edits, DiagnosticSink& sink) {
  Patterns patterns;
  bool ok = true;
  const auto compile = [&](PatternList& list, const std::vector<std::string>& texts,
                           std::string_view option) {
    Result<PatternList> compiled = PatternList::create(texts, option);
    if (compiled) {
      list = std::move(*compiled);
    } else {
      sink.report(compiled.error());
      ok = false;
    }
  };
  compile(patterns.keep_global, edits.keep_global, "--keep-global-symbol");
  compile(patterns.localize, edits.localize, "--localize-symbol");
  compile(patterns.weaken, edits.weaken, "--weaken-symbol");
  compile(patterns.export_, edits.export_, "--export");
  compile(patterns.unexport, edits.unexport, "--unexport");
  compile(patterns.retain, edits.retain, "--retain");
  for (const auto& [old_name, new_name] : edits.redefine) {
    const auto [at, inserted] = patterns.redefine.emplace(old_name, new_name);
    if (inserted || at->second == new_name) continue;
    sink.report(fail("bad-option", {},
                     "--redefine-sym gives `" + old_name + "` two new names: `" +
                         std::string(at->second) + "` and `" + new_name + "`")
                    .value());
    ok = false;
  }
  if (!ok) return std::nullopt;
  return patterns;
}

class SymbolEditor {
 public:
  SymbolEditor(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks,
               SymbolTable& table, const SymbolEdits& edits, const Patterns& patterns,
               LinkReport& report, DiagnosticSink& sink)
      : inputs_(inputs),
        chunks_(chunks),
        table_(table),
        edits_(edits),
        patterns_(patterns),
        report_(report),
        sink_(sink),
        exported_(inputs.size()) {
    for (size_t i = 0; i < inputs.size(); ++i)
      for (const Export& entry : inputs[i].object.exports)
        if (entry.kind == ExternKind::function) exported_[i].insert(entry.index);
  }

  EditedNames apply(bool patterns_are_roots) {
    check_matches(patterns_are_roots);
    change_flags();
    decide_localization();
    settle_groups();
    localize();
    rename();
    merge_renamed();
    return std::move(names_);
  }

 private:
  enum class Fate : uint8_t { stays, localized, localized_by_name, kept };

  bool is_sealing() const { return edits_.seal || !patterns_.keep_global.empty(); }

  const Input& owner_input(const GlobalSymbol& global) const { return inputs_[global.owner.input]; }
  const Symbol& owner_symbol(const GlobalSymbol& global) const {
    return owner_input(global).object.symbols[global.owner.symbol];
  }

  static bool is_pinned(std::string_view name) {
    return is_linker_owned(name) || is_init_entry(name);
  }

  // Listed in the EXPORT section: where LLVM puts export_name.
  bool has_export_name(const GlobalSymbol& global) const {
    if (global.kind != SymbolKind::function || !global.is_defined) return false;
    const uint32_t index = owner_symbol(global).index;
    return exported_[global.owner.input].contains(index);
  }
  bool is_protected(const GlobalSymbol& global) const {
    return (global.flags & (kSymbolExported | kSymbolNoStrip)) || has_export_name(global);
  }

  Diagnostic problem(std::string_view id, std::string message, std::string help = {}) const {
    return fail(id, {}, std::move(message), std::move(help)).value();
  }

  // A name that matches nothing is most often a typing error: sealing would then hide everything.
  void check_matches(bool patterns_are_roots) {
    std::vector<std::string_view> defined;
    std::vector<std::string_view> all;
    table_.for_each([&](SymbolId, const GlobalSymbol& global) {
      if (global.is_alias) return;
      all.push_back(global.name);
      if (global.is_defined) defined.push_back(global.name);
    });
    std::ranges::sort(all);
    std::ranges::sort(defined);
    const auto check = [&](const PatternList& list, std::string_view option,
                           std::span<const std::string_view> names, bool is_error) {
      for (const std::string& pattern : list.find_unmatched(names)) {
        Diagnostic diagnostic = problem(
            "no-such-symbol",
            std::string(option) + "=" + pattern + " matches no " +
                (names.size() == defined.size() ? "symbol that the inputs define" : "symbol"),
            suggest_sentence(pattern, names));
        if (!is_error) diagnostic.severity = Severity::warning;
        sink_.report(std::move(diagnostic));
      }
    };
    for (const auto& [old_name, new_name] : patterns_.redefine)
      if (!std::ranges::binary_search(all, old_name) && !is_local_name(old_name))
        report_no_match("--redefine-sym", old_name, all);
    check(patterns_.keep_global, "--keep-global-symbol", defined, patterns_are_roots);
    check(patterns_.export_, "--export", defined, patterns_are_roots);
    check(patterns_.localize, "--localize-symbol", defined, false);
    check(patterns_.weaken, "--weaken-symbol", all, false);
    check(patterns_.unexport, "--unexport", defined, false);
    check(patterns_.retain, "--retain", defined, false);
  }

  bool is_local_name(std::string_view name) const {
    return std::ranges::any_of(inputs_, [&](const Input& input) {
      return std::ranges::any_of(input.object.symbols,
                                 [&](const Symbol& symbol) { return symbol.name == name; });
    });
  }

  void report_no_match(std::string_view option, std::string_view name,
                       std::span<const std::string_view> names) {
    Diagnostic diagnostic = problem(
        "no-such-symbol", std::string(option) + "=" + std::string(name) + " matches no symbol",
        suggest_sentence(name, names));
    diagnostic.severity = Severity::warning;
    sink_.report(std::move(diagnostic));
  }

  void change_flags() {
    table_.for_each([&](SymbolId, GlobalSymbol& global) {
      if (global.is_alias) return;
      if (patterns_.weaken.matches(global.name) &&
          (!is_pinned(global.name) || patterns_.weaken.names_exactly(global.name)))
        global.flags |= kSymbolWeak;
      if (!global.is_defined) return;
      if (patterns_.export_.matches(global.name)) global.flags |= kSymbolExported;
      if (patterns_.retain.matches(global.name)) global.flags |= kSymbolNoStrip;
      if (patterns_.unexport.matches(global.name)) {
        if (has_export_name(global)) names_.unexported.insert(global.owner);
        global.flags &= ~kSymbolExported;
      }
    });
  }

  Fate decide(const GlobalSymbol& global) const {
    if (!global.is_defined || global.is_alias) return Fate::stays;
    if (patterns_.localize.names_exactly(global.name)) return Fate::localized_by_name;
    if (is_pinned(global.name)) return Fate::stays;
    if (patterns_.keep_global.matches(global.name)) return Fate::kept;
    const bool is_asked = is_sealing() || patterns_.localize.matches(global.name) ||
                          (edits_.localize_hidden && (global.flags & kSymbolHidden));
    if (!is_asked) return Fate::stays;
    return is_protected(global) && !patterns_.unexport.matches(global.name) ? Fate::kept
                                                                            : Fate::localized;
  }

  void decide_localization() {
    const bool any = is_sealing() || edits_.localize_hidden || !patterns_.localize.empty();
    if (!any) return;
    table_.for_each([&](SymbolId id, const GlobalSymbol& global) {
      const Fate fate = decide(global);
      if (fate == Fate::stays) return;
      fates_[id] = fate;
      const bool is_listed = patterns_.keep_global.matches(global.name);
      if (fate == Fate::kept && !is_listed) report_.kept_exported.emplace_back(global.name);
      if (fate == Fate::localized_by_name && is_protected(global)) {
        Diagnostic diagnostic = problem(
            "localized-export", "--localize-symbol=" + std::string(global.name) +
                                    " hides a symbol that its source marked as exported or used");
        diagnostic.severity = Severity::warning;
        diagnostic.where = owner_input(global).locate();
        sink_.report(std::move(diagnostic));
      }
    });
    std::ranges::sort(report_.kept_exported);
  }

  // The globals that each comdat group that was taken defines, by (input, group).
  using Group = std::pair<uint32_t, uint32_t>;
  // A name whose definition here lost to another input's still belongs to the group: a later linker
  // would take this group and discard the one that defines it.
  std::map<Group, std::vector<SymbolId>> collect_groups() {
    std::map<Group, std::vector<SymbolId>> groups;
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      const Object& object = inputs_[i].object;
      if (object.comdats.empty()) continue;
      for (uint32_t s = 0; s < object.symbols.size(); ++s) {
        const SymbolId id = table_.id_of(i, s);
        if (id == kLocalSymbol) continue;
        const Chunk* chunk = chunks_[i].find(object, object.symbols[s]);
        if (chunk != nullptr && chunk->comdat != kNoComdat &&
            chunk->state != ChunkState::comdat_discarded)
          groups[{i, chunk->comdat}].push_back(id);
      }
    }
    return groups;
  }

  // Groups that mention one symbol (the same name in differently named groups of two inputs) share
  // its fate.
  struct GroupSet {
    std::vector<Group> groups;
    std::vector<SymbolId> members;
  };
  std::vector<GroupSet> join_groups() {
    std::vector<GroupSet> sets;
    std::unordered_map<SymbolId, size_t> set_of;
    for (auto& [group, members] : collect_groups()) {
      sets.push_back({{group}, members});
      for (const SymbolId id : members) {
        const auto [at, inserted] = set_of.emplace(id, sets.size() - 1);
        if (inserted || at->second == sets.size() - 1) continue;
        const GroupSet other = std::exchange(sets[at->second], {});
        for (const SymbolId member : other.members) set_of[member] = sets.size() - 1;
        sets.back().groups.insert(sets.back().groups.end(), other.groups.begin(),
                                  other.groups.end());
        sets.back().members.insert(sets.back().members.end(), other.members.begin(),
                                   other.members.end());
      }
    }
    return sets;
  }

  // A group is one thing: either all its symbols stay global and a later linker still sees the
  // group, or all become local and the group is gone. Half of it miscompiles silently.
  void settle_groups() {
    if (fates_.empty()) return;
    for (const auto& [groups, members] : join_groups()) {
      const auto any = [&](Fate fate) {
        return std::ranges::any_of(members, [&](SymbolId id) {
          const auto at = fates_.find(id);
          return at != fates_.end() && at->second == fate;
        });
      };
      const bool is_forced = any(Fate::localized_by_name);
      if (!is_forced && !any(Fate::localized)) continue;
      if (!is_forced && any(Fate::kept)) {
        for (const SymbolId id : members) fates_.erase(id);
        continue;
      }
      for (const SymbolId id : members) fates_[id] = Fate::localized;
      for (const Group& group : groups) dissolve(group);
    }
  }

  void dissolve(Group group) {
    const Object& object = inputs_[group.first].object;
    for (const ComdatEntry& entry : object.comdats[group.second].entries)
      chunks_[group.first].at(object, entry).comdat = kNoComdat;
  }

  void localize() {
    for (const auto& [id, fate] : fates_) {
      if (fate == Fate::kept) continue;
      GlobalSymbol& global = table_[id];
      global.flags = (global.flags & ~(kSymbolWeak | kSymbolExported)) | kSymbolLocal;
      if (has_export_name(global)) names_.unexported.insert(global.owner);
    }
  }

  // ---- Renaming ----

  std::string_view intern(std::string name) { return names_.storage.emplace_back(std::move(name)); }

  std::optional<std::string_view> redefined(std::string_view name) const {
    const auto at = patterns_.redefine.find(name);
    if (at == patterns_.redefine.end()) return std::nullopt;
    return at->second;
  }

  bool takes_prefix(const GlobalSymbol& global) const {
    return !edits_.prefix.empty() && global.is_defined && !global.is_local() &&
           !is_pinned(global.name);
  }

  void rename() {
    if (edits_.prefix.empty() && patterns_.redefine.empty()) return;
    rename_groups();
    for (const auto& [old_name, new_name] : patterns_.redefine)
      names_.locals.emplace(old_name, intern(std::string(new_name)));
    table_.for_each([&](SymbolId id, GlobalSymbol& global) {
      if (global.is_alias) return;
      std::string name(redefined(global.name).value_or(global.name));
      if (takes_prefix(global)) name = edits_.prefix + name;
      if (name == global.name) return;
      // An import keeps its module and field: the host's contract does not change with our name.
      if (!global.is_defined && global.kind != SymbolKind::data)
        global.flags |= kSymbolExplicitName;
      global.name = intern(std::move(name));
      renamed_.push_back(id);
    });
  }

  void rename_groups() {
    for (const auto& [group, members] : collect_groups()) {
      const std::string_view old_name = inputs_[group.first].object.comdats[group.second].name;
      std::vector<std::string_view> renamed, kept;
      for (const SymbolId id : members) {
        const GlobalSymbol& global = table_[id];
        if (global.is_local()) continue;
        (redefined(global.name) || takes_prefix(global) ? renamed : kept).push_back(global.name);
      }
      if (renamed.empty()) continue;
      std::optional<std::string_view> redefined_name = redefined(old_name);
      const bool is_covered = redefined_name || !edits_.prefix.empty();
      if (!kept.empty() || !is_covered) {
        std::ranges::sort(kept);
        Diagnostic diagnostic = problem(
            "partly-renamed-comdat",
            "`" + std::string(renamed.front()) + "` is renamed, but its comdat group `" +
                std::string(old_name) +
                "` would keep other names: a later link could then mix "
                "two copies of the group",
            "rename the whole group (--redefine-sym for each name, the group's included), or "
            "localize it");
        diagnostic.where = inputs_[group.first].locate();
        for (const std::string_view name : kept)
          diagnostic.notes.push_back("not renamed: `" + std::string(name) + "`");
        if (!is_covered)
          diagnostic.notes.push_back("not renamed: the group `" + std::string(old_name) + "`");
        sink_.report(std::move(diagnostic));
        continue;
      }
      names_.comdats.emplace(
          old_name, intern(edits_.prefix + std::string(redefined_name.value_or(old_name))));
    }
  }

  // A new name may meet a symbol that has it already: a reference binds to a definition, two
  // references become one, two definitions collide. Definitions that sealing made local are still
  // found by the references of this link, as they would be had the names been equal from the start.
  void merge_renamed() {
    if (renamed_.empty()) return;
    std::unordered_map<std::string_view, std::vector<SymbolId>> by_name;
    for (const SymbolId id : renamed_) by_name[table_[id].name];
    table_.for_each([&](SymbolId id, const GlobalSymbol& global) {
      if (global.is_alias) return;
      const auto at = by_name.find(global.name);
      if (at != by_name.end()) at->second.push_back(id);
    });
    for (auto& [name, ids] : by_name) {
      std::ranges::sort(ids, {}, [&](SymbolId id) {
        const GlobalSymbol& global = table_[id];
        return std::tuple(!global.is_defined, global.is_local(), global.owner.input,
                          global.owner.symbol);
      });
      for (const SymbolId id : std::span(ids).subspan(1))
        if (!table_[id].is_defined || !table_[id].is_local()) merge(ids.front(), id);
    }
    table_.rebind(merged_);
  }

  void merge(SymbolId kept_id, SymbolId other_id) {
    GlobalSymbol& kept = table_[kept_id];
    GlobalSymbol& other = table_[other_id];
    const auto collide = [&](std::string message) {
      Diagnostic diagnostic =
          problem("rename-collision", std::move(message), "choose another name for one of them");
      diagnostic.where = owner_input(kept).locate();
      for (const GlobalSymbol* global : {&kept, &other})
        diagnostic.notes.push_back("`" + std::string(owner_symbol(*global).name) + "` of " +
                                   owner_input(*global).name());
      sink_.report(std::move(diagnostic));
    };
    const std::string name = "`" + std::string(kept.name) + "`";
    if (kept.is_defined && other.is_defined)
      return collide("two symbols would both be named " + name);
    if (kept.kind != other.kind || kept.type != other.type)
      return collide("after renaming, " + name + " would be used with two kinds or types");
    if (!kept.is_defined && kept.kind != SymbolKind::data &&
        import_name_of(inputs_, kept) != import_name_of(inputs_, other))
      return collide("after renaming, " + name + " would be imported from two places");
    if (!(other.flags & kSymbolWeak) && !kept.is_defined) kept.flags &= ~kSymbolWeak;
    other.is_alias = true;  // nothing stands for it any more
    merged_[other_id] = kept_id;
  }

  const std::vector<Input>& inputs_;
  std::vector<ChunkTable>& chunks_;
  SymbolTable& table_;
  const SymbolEdits& edits_;
  const Patterns& patterns_;
  LinkReport& report_;
  DiagnosticSink& sink_;
  EditedNames names_;
  std::vector<std::unordered_set<uint32_t>> exported_;  // [input]: functions in its EXPORT section
  std::unordered_map<SymbolId, Fate> fates_;
  std::vector<SymbolId> renamed_;
  std::unordered_map<SymbolId, SymbolId> merged_;  // a global that became another one
};

bool has_edits(const SymbolEdits& edits) {
  return edits.seal || edits.localize_hidden || !edits.prefix.empty() ||
         !edits.keep_global.empty() || !edits.localize.empty() || !edits.weaken.empty() ||
         !edits.redefine.empty() || !edits.export_.empty() || !edits.unexport.empty() ||
         !edits.retain.empty();
}

}  // namespace

EditedNames apply_symbol_edits(const std::vector<Input>& inputs, std::vector<ChunkTable>& chunks,
                               SymbolTable& table, const SymbolEdits& edits,
                               bool patterns_are_roots, LinkReport& report, DiagnosticSink& sink) {
  if (!has_edits(edits)) return {};
  const std::optional<Patterns> patterns = compile_patterns(edits, sink);
  if (!patterns) return {};
  return SymbolEditor(inputs, chunks, table, edits, *patterns, report, sink)
      .apply(patterns_are_roots);
}

}  // namespace wasmpack
