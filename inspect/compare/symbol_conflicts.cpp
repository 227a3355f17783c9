// Global symbols of one name: which definitions fight, and which references do not fit.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inspect/compare/conflict_parts.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

struct Mention {
  uint32_t input;
  uint32_t symbol;
};

// What the mentions of a name had in common so far. Only names whose mentions differ, or that are
// defined twice, are looked at a second time.
struct NameState {
  SymbolKind kind;
  bool is_defined = false;
  bool needs_look = false;
  std::string_view type;
  const ImportFact* import = nullptr;
  size_t number = 0;  // of the names that need a look
};

// The cell through which TVM's code finds its module: two libraries that share one look up
// functions in each other's.
bool is_tvm_context(std::string_view name) {
  return name.ends_with("__tvm_module_ctx") || name.ends_with("__tvm_ffi_library_ctx") ||
         name.ends_with("__tvm_ffi__library_ctx");
}

class SymbolSearch {
 public:
  explicit SymbolSearch(ConflictSearch& search) : search_(search), called_(search.inputs.size()) {}

  void run() {
    for_each_mention([&](const Mention& mention) { note(mention); });
    if (look_count_ == 0) return;
    std::vector<std::vector<Mention>> mentions(look_count_);
    for_each_mention([&](const Mention& mention) {
      const NameState& state = names_.find(symbol_at(mention).name)->second;
      if (state.needs_look) mentions[state.number].push_back(mention);
    });
    for (const std::vector<Mention>& of_one_name : mentions) judge(of_one_name);
  }

 private:
  template <class Visit>
  void for_each_mention(Visit visit) {
    for (uint32_t i = 0; i < search_.inputs.size(); ++i) {
      const std::vector<SymbolFact>& symbols = search_.inputs[i].facts->symbols;
      for (uint32_t s = 0; s < symbols.size(); ++s)
        if (symbols[s].kind != SymbolKind::section && !(symbols[s].flags & kSymbolLocal))
          visit(Mention{i, s});
    }
  }

  const SymbolFact& symbol_at(const Mention& mention) const {
    return search_.inputs[mention.input].facts->symbols[mention.symbol];
  }
  // A definition that was discarded with its comdat group is a reference.
  bool is_definition(const Mention& mention) const {
    return !(symbol_at(mention).flags & kSymbolUndefined) &&
           !search_.inputs[mention.input].discarded[mention.symbol];
  }
  bool is_weak(const Mention& mention) const { return symbol_at(mention).flags & kSymbolWeak; }

  // What must be the same everywhere. Of tables that is the type of their elements: each input asks
  // for as many entries as it needs.
  std::string_view type_of(const Mention& mention) const {
    const SymbolFact& symbol = symbol_at(mention);
    const std::string_view type = search_.inputs[mention.input].types.type_of(symbol);
    return symbol.kind == SymbolKind::table ? type.substr(0, type.find(' ')) : type;
  }

  const ImportFact* import_of(const Mention& mention) const {
    const SymbolFact& symbol = symbol_at(mention);
    if (!(symbol.flags & kSymbolUndefined)) return nullptr;
    return search_.inputs[mention.input].types.import_of(symbol);
  }

  // The name under which a symbol is imported; empty unless its source says it.
  std::string_view import_name(const Mention& mention) const {
    const ImportFact* import = import_of(mention);
    const bool is_explicit = symbol_at(mention).flags & kSymbolExplicitName;
    return import != nullptr && is_explicit ? import->name : std::string_view();
  }

  void note(const Mention& mention) {
    const SymbolFact& symbol = symbol_at(mention);
    const auto [at, is_new] = names_.try_emplace(symbol.name, NameState{.kind = symbol.kind});
    NameState& state = at->second;
    const std::string_view type = type_of(mention);
    const ImportFact* import = import_of(mention);
    const bool is_defined = is_definition(mention);
    bool needs_look = state.kind != symbol.kind || (is_defined && state.is_defined) ||
                      (!type.empty() && !state.type.empty() && type != state.type);
    if (import != nullptr && state.import != nullptr &&
        (import->module != state.import->module || import->name != state.import->name))
      needs_look = true;
    if (needs_look && !state.needs_look) {
      state.needs_look = true;
      state.number = look_count_++;
    }
    state.is_defined |= is_defined;
    if (state.type.empty()) state.type = type;
    if (state.import == nullptr) state.import = import;
  }

  // Whether the input calls the symbol directly: a declaration without parameters, as old C has, is
  // no mismatch while only its address is taken.
  bool is_called(const Mention& mention) {
    std::optional<std::vector<bool>>& called = called_[mention.input];
    if (!called) called = find_called(*search_.inputs[mention.input].facts);
    return (*called)[mention.symbol];
  }

  static std::vector<bool> find_called(const Facts& facts) {
    std::vector<bool> called(facts.symbols.size());
    for (const RelocationsFact& relocations : facts.relocations) {
      RelocationReader reader(relocations.entries);
      Relocation relocation{};
      while (reader.next(relocation))
        if (relocation_table::kRelocationTable[relocation.kind].target ==
                RelocationTarget::function_index &&
            relocation.index < called.size())
          called[relocation.index] = true;
    }
    return called;
  }

  // ---- Judgements -------------------------------------------------------------------------------

  void judge(const std::vector<Mention>& mentions) {
    if (judge_kinds(mentions)) return;
    judge_definitions(mentions);
    judge_types(mentions);
    judge_imports(mentions);
  }

  Collision make(Severity severity, std::string_view id, const Mention& mention,
                 std::string_view reason) const {
    return {.severity = severity, .id = id, .name = symbol_at(mention).name, .reason = reason};
  }

  void add_place(Collision& collision, const Mention& mention) const {
    std::string text = is_definition(mention)
                           ? is_weak(mention) ? "defines it, weak: " : "defines it: "
                           : "refers to it: ";
    text += symbol_kind_name(symbol_at(mention).kind);
    const std::string_view type = type_of(mention);
    if (!type.empty()) text += ' ' + std::string(type);
    if (const ImportFact* import = import_of(mention); import != nullptr)
      text += ", imported from " + std::string(import->module.substr(0, kLongestModule));
    search_.add_place(collision, search_.inputs[mention.input], std::move(text));
  }

  // A function that others may call by its name keeps one, a helper need not have any.
  std::string make_option(const Mention& mention) const {
    const PartedFile& file = search_.parted[search_.inputs[mention.input].file];
    const SymbolFact& symbol = symbol_at(mention);
    const bool is_local_matter = (symbol.flags & (kSymbolWeak | kSymbolHidden)) != 0;
    return is_local_matter && is_definition(mention) ? localize_option(file, symbol.name)
                                                     : rename_option(file, symbol.name);
  }

  // Parts the later files from the first one.
  void part(Collision& collision, const std::vector<Mention>& fighters) {
    const uint32_t first_file = search_.inputs[fighters[0].input].file;
    uint32_t last_file = first_file;
    for (const Mention& mention : fighters) {
      const uint32_t file = search_.inputs[mention.input].file;
      if (file == last_file) continue;
      last_file = file;
      search_.part(collision, file, {make_option(mention)});
    }
  }

  bool is_one_file(const std::vector<Mention>& mentions) const {
    return std::ranges::all_of(mentions, [&](const Mention& mention) {
      return search_.inputs[mention.input].file == search_.inputs[mentions[0].input].file;
    });
  }

  bool judge_kinds(const std::vector<Mention>& mentions) {
    std::vector<Mention> fighters;
    for (const Mention& mention : mentions)
      if (fighters.empty() || symbol_at(mention).kind != symbol_at(fighters[0]).kind)
        fighters.push_back(mention);
    if (fighters.size() == 1) return false;
    Collision collision = make(Severity::error, "symbol-kind", fighters[0],
                               "one name for different kinds of things: the link fails");
    for (const Mention& mention : fighters) add_place(collision, mention);
    part(collision, fighters);
    search_.found.push_back(std::move(collision));
    return true;
  }

  void judge_definitions(const std::vector<Mention>& mentions) {
    std::vector<Mention> strong;
    std::vector<Mention> weak;
    for (const Mention& mention : mentions)
      if (is_definition(mention)) (is_weak(mention) ? weak : strong).push_back(mention);
    if (strong.size() > 1) add_duplicates(strong);
    if (weak.empty() || strong.size() + weak.size() < 2) return;
    std::vector<Mention> all = strong;  // who wins stands first
    all.insert(all.end(), weak.begin(), weak.end());
    if (is_one_file(all)) return;  // how a library chooses among its own members
    const SymbolFact& symbol = symbol_at(all[0]);
    Collision collision =
        symbol.kind == SymbolKind::data && is_tvm_context(symbol.name)
            ? make(Severity::error, "weak-context-shared", all[0],
                   "libraries share the cell by which TVM's code finds its own functions")
        : strong.empty() ? make(Severity::warning, "weak-shared", all[0],
                                "the first weak definition counts for all")
                         : make(Severity::warning, "weak-overridden", all[0],
                                "the strong definition takes the place of the weak ones");
    for (const Mention& mention : all) add_place(collision, mention);
    part(collision, all);
    search_.found.push_back(std::move(collision));
  }

  void add_duplicates(const std::vector<Mention>& strong) {
    Collision collision = make(Severity::error, "duplicate-symbol", strong[0],
                               "several strong definitions: the link fails");
    for (const Mention& mention : strong) add_place(collision, mention);
    part(collision, strong);
    if (collision.commands.empty()) {
      const uint32_t file = search_.inputs[strong[0].input].file;
      search_.part(collision, file, {"--allow-multiple-definition"});
      collision.advice = "this takes the first definition; better leave the other member out";
    }
    search_.found.push_back(std::move(collision));
  }

  // The type that counts is the winning definition's, else that of the first call.
  std::optional<Mention> find_leader(const std::vector<Mention>& mentions) {
    std::optional<Mention> leader;
    for (const Mention& mention : mentions) {
      if (type_of(mention).empty()) continue;
      const bool counts = is_definition(mention) || has_fixed_type(mention);
      if (!counts) continue;
      const bool is_stronger = leader && is_definition(mention) &&
                               (!is_definition(*leader) || (is_weak(*leader) && !is_weak(mention)));
      if (!leader || is_stronger) leader = mention;
    }
    return leader;
  }

  bool has_fixed_type(const Mention& mention) {
    return symbol_at(mention).kind != SymbolKind::function || is_called(mention);
  }

  void judge_types(const std::vector<Mention>& mentions) {
    const std::optional<Mention> leader = find_leader(mentions);
    if (!leader) return;
    std::vector<Mention> fighters{*leader};
    for (const Mention& mention : mentions) {
      const std::string_view type = type_of(mention);
      if (!type.empty() && type != type_of(*leader) && has_fixed_type(mention))
        fighters.push_back(mention);
    }
    if (fighters.size() == 1) return;
    const bool is_function = symbol_at(*leader).kind == SymbolKind::function;
    Collision collision = is_function
                              ? make(Severity::error, "signature-mismatch", *leader,
                                     "calls with another type than the function has would trap")
                              : make(Severity::error, "type-mismatch", *leader,
                                     "one name with different types: the link fails");
    for (const Mention& mention : fighters) add_place(collision, mention);
    part(collision, fighters);
    collision.advice =
        "if they mean the same thing, declare it alike in both sources; a reference that is "
        "renamed "
        "needs a definition of its own";
    search_.found.push_back(std::move(collision));
  }

  void judge_imports(const std::vector<Mention>& mentions) {
    std::vector<Mention> fighters;
    std::optional<Mention> named;  // the first whose source gives the import a name
    for (const Mention& mention : mentions) {
      const ImportFact* import = import_of(mention);
      if (import == nullptr) continue;
      const bool is_other_name =
          named && !import_name(mention).empty() && import_name(mention) != import_name(*named);
      if (fighters.empty() || import->module != import_of(fighters[0])->module || is_other_name)
        fighters.push_back(mention);
      if (!named && !import_name(mention).empty()) named = mention;
    }
    if (fighters.size() < 2) return;
    Collision collision = make(Severity::error, "import-mismatch", fighters[0],
                               "one symbol is imported from different places: the link fails");
    for (const Mention& mention : fighters) add_place(collision, mention);
    part(collision, fighters);
    search_.found.push_back(std::move(collision));
  }

  static constexpr size_t kLongestModule = 200;  // bytes of a module's name in a text

  ConflictSearch& search_;
  std::unordered_map<std::string_view, NameState> names_;
  size_t look_count_ = 0;
  std::vector<std::optional<std::vector<bool>>> called_;  // by input, then symbol
};

}  // namespace

void find_symbol_conflicts(ConflictSearch& search) { SymbolSearch(search).run(); }

}  // namespace wasmpack
