#include "linker/exports.h"

#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace wasmpack {
namespace {

// What an entry of an input's EXPORT section stands for in the output.
struct Target {
  std::optional<uint32_t> index;  // output index
  std::string_view name;          // of the symbol, for messages
  bool is_unexported = false;
};

class ExportPlanner {
 public:
  ExportPlanner(const std::vector<Input>& inputs, const SymbolTable& table,
                const EditedNames& names, const Layout& layout, DiagnosticSink& sink)
      : inputs_(inputs), table_(table), layout_(layout), sink_(sink) {
    for (const SymbolRef ref : names.unexported) unexported_.emplace(ref.input, ref.symbol);
  }

  std::vector<Export> plan() {
    for (uint32_t i = 0; i < inputs_.size(); ++i)
      if (!inputs_[i].object.exports.empty()) add_entries(i);
    check_exported_symbols();
    return std::move(exports_);
  }

 private:
  // Who has an export name.
  struct Holder {
    ExternKind kind;
    uint32_t index;
    std::string place;
  };

  static uint64_t key_of(ExternKind kind, uint32_t index) {
    return uint64_t{static_cast<uint8_t>(kind)} << 32 | index;
  }

  void add_entries(uint32_t i) {
    const std::unordered_map<uint64_t, Target> targets = find_targets(i);
    for (const Export& entry : inputs_[i].object.exports) {
      const auto at = targets.find(key_of(entry.kind, entry.index));
      Target target;
      if (at != targets.end())
        target = at->second;
      else
        target.index = find_nameless(i, entry);
      if (!target.index || target.is_unexported) continue;
      std::string place = inputs_[i].name();
      if (!target.name.empty()) place += ": " + std::string(target.name);
      if (!claim(entry.name, {entry.kind, *target.index, place}, inputs_[i].locate("EXPORT")))
        continue;
      exports_.push_back({entry.name, entry.kind, *target.index});
      if (entry.kind == ExternKind::function) named_functions_.insert(*target.index);
    }
  }

  // By kind and index, what the symbols of an input say of it. One function may have several
  // symbols, of which some lost to other definitions.
  std::unordered_map<uint64_t, Target> find_targets(uint32_t i) const {
    std::unordered_map<uint64_t, Target> targets;
    const std::vector<Symbol>& symbols = inputs_[i].object.symbols;
    for (uint32_t s = 0; s < symbols.size(); ++s) {
      const std::optional<ExternKind> kind = extern_kind_of(symbols[s].kind);
      if (!kind) continue;
      Target& target = targets[key_of(*kind, symbols[s].index)];
      const SymbolRef owner = table_.owner_of(i, s);
      if (unexported_.contains({owner.input, owner.symbol})) target.is_unexported = true;
      const uint32_t number = layout_.inputs[i].symbols[s];
      const bool is_ours = symbols[s].is_undefined() || owner == SymbolRef{i, s};
      if (target.index || !is_ours || number == kNotInOutput) continue;
      target.index = static_cast<uint32_t>(layout_.symbol_values[number]);
      target.name = symbols[s].name;
    }
    return targets;
  }

  // An entry that no symbol speaks for stays while its chunk does.
  std::optional<uint32_t> find_nameless(uint32_t i, const Export& entry) const {
    if (entry.kind == ExternKind::memory) return 0;
    const uint32_t first = inputs_[i].object.imported_count(ExternKind::function);
    if (entry.kind != ExternKind::function || entry.index < first) return std::nullopt;
    const uint32_t number = layout_.inputs[i].functions[entry.index - first];
    return number == kNotInOutput ? std::nullopt : std::optional(number);
  }

  // False if the name is taken: by the same thing, or, with an error, by another one.
  bool claim(std::string_view name, Holder holder, Location where) {
    const auto [at, inserted] = holders_.emplace(name, holder);
    if (inserted) return true;
    const Holder& first = at->second;
    if (first.kind == holder.kind && first.index == holder.index) return false;
    Diagnostic diagnostic =
        fail("duplicate-export", std::move(where),
             "two different functions are exported as `" + std::string(name) + "`",
             "give one of them another export_name, or take it back with --unexport")
            .value();
    diagnostic.notes = {"exported by " + first.place, "exported by " + holder.place};
    sink_.report(std::move(diagnostic));
    return false;
  }

  void check_exported_symbols() {
    if (holders_.empty()) return;
    table_.for_each([&](SymbolId, const GlobalSymbol& global) {
      if (!global.is_defined || global.is_alias || global.is_local() ||
          !(global.flags & kSymbolExported) || !holders_.contains(global.name))
        return;
      const Input& input = inputs_[global.owner.input];
      const uint32_t number = layout_.inputs[global.owner.input].symbols[global.owner.symbol];
      if (number == kNotInOutput) return;
      const auto index = static_cast<uint32_t>(layout_.symbol_values[number]);
      const bool is_function = global.kind == SymbolKind::function;
      if (is_function && named_functions_.contains(index)) return;
      // Data becomes a global of the module, which no input has numbered.
      const bool is_data = global.kind == SymbolKind::data;
      const ExternKind kind = extern_kind_of(global.kind).value_or(ExternKind::global);
      claim(global.name,
            {kind, is_data ? UINT32_MAX : index, input.name() + ": " + std::string(global.name)},
            input.locate());
    });
  }

  const std::vector<Input>& inputs_;
  const SymbolTable& table_;
  const Layout& layout_;
  DiagnosticSink& sink_;
  std::set<std::pair<uint32_t, uint32_t>> unexported_;
  std::map<std::string_view, Holder> holders_;
  std::set<uint32_t> named_functions_;  // by output index: those with an entry
  std::vector<Export> exports_;
};

}  // namespace

std::vector<Export> plan_exports(const std::vector<Input>& inputs, const SymbolTable& table,
                                 const EditedNames& names, const Layout& layout,
                                 DiagnosticSink& sink) {
  return ExportPlanner(inputs, table, names, layout, sink).plan();
}

}  // namespace wasmpack
