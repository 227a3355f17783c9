#include "linker/layout.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "linker/exports.h"
#include "linker/function_table.h"
#include "linker/live_uses.h"
#include "linker/placement.h"
#include "object/verify.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

class LayoutPlanner {
 public:
  LayoutPlanner(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                const SymbolTable& table, const MergedTypes& types, const CustomLayout& custom,
                const EditedNames& names, const std::vector<ChainEntry>& chain,
                DiagnosticSink& sink)
      : inputs_(inputs),
        chunks_(chunks),
        table_(table),
        types_(types),
        custom_(custom),
        names_(names),
        chain_(chain),
        sink_(sink) {}

  Layout plan() {
    layout_.inputs.resize(inputs_.size());
    find_address_width();
    uses_ = find_live_uses(inputs_, chunks_);
    number_imports();
    number_functions();
    number_small_spaces();
    place_code(inputs_, layout_);
    place_data(inputs_, chunks_, layout_);
    number_symbols();
    resolve_uses();
    number_got();
    fill_function_table(uses_, function_table_, layout_);
    layout_.exports = plan_exports(inputs_, table_, names_, layout_, sink_);
    number_init_functions();
    check_limits();
    return std::move(layout_);
  }

 private:
  const Object& object(size_t i) const { return inputs_[i].object; }

  // In parallel: the body writes only what belongs to its input.
  template <class Body>
  void for_each_input(Body body) const {
    parallel_for(inputs_.size(), table_.size() * 64,
                 [&](size_t i) { body(static_cast<uint32_t>(i)); });
  }

  void find_address_width() {
    for (const Input& input : inputs_) {
      layout_.is64 |= input.object.is64();
      layout_.has_data_count |= input.object.data_count.has_value();
    }
  }

  // ---- Index spaces: imports first ----

  void number_imports() {
    import_numbers_.resize(inputs_.size());
    Import memory;
    memory.module = "env";
    memory.field = "__linear_memory";
    memory.kind = ExternKind::memory;
    layout_.imports.push_back(memory);  // its minimum is set when the data is placed
    FunctionTablePlan table = plan_function_table(inputs_, uses_, table_, layout_.is64, sink_);
    layout_.has_table_symbol_of_its_own = table.needs_symbol;
    if (table.import) {
      imported(ExternKind::table) = 1;
      function_table_ = layout_.imports.size();
      layout_.imports.push_back(*table.import);
    }
    std::vector<std::vector<uint32_t>> wanted(inputs_.size());
    for_each_input([&](uint32_t i) {
      for (uint32_t s = 0; s < object(i).symbols.size(); ++s)
        if (is_imported(i, s)) wanted[i].push_back(s);
    });
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      for (const uint32_t s : wanted[i]) {
        const Import import = make_import(table_[table_.id_of(i, s)]);
        import_numbers_[i].emplace(s, imported(import.kind)++);
        layout_.imports.push_back(import);
      }
    }
    layout_.imported_functions = imported(ExternKind::function);
  }

  // Whether this mention is the one that makes the output import its symbol.
  bool is_imported(uint32_t i, uint32_t s) const {
    const SymbolId id = table_.id_of(i, s);
    if (id == kLocalSymbol) return false;
    const GlobalSymbol& global = table_[id];
    return !global.is_defined && !global.is_unused && !global.is_alias &&
           global.owner == SymbolRef{i, s} && global.kind != SymbolKind::data &&
           !is_function_table(global);
  }

  Import make_import(const GlobalSymbol& global) const {
    const Input& input = inputs_[global.owner.input];
    const Symbol& symbol = input.object.symbols[global.owner.symbol];
    Import import;
    const ImportName name = import_name_of(inputs_, global);
    import.module = name.module;
    import.field = (global.flags & kSymbolExplicitName) ? name.field : global.name;
    switch (global.kind) {
      case SymbolKind::global:
        import.kind = ExternKind::global;
        break;
      case SymbolKind::tag:
        import.kind = ExternKind::tag;
        break;
      case SymbolKind::table:
        import.kind = ExternKind::table;
        break;
      default:
        import.kind = ExternKind::function;
        break;
    }
    import.type_index = global.type;
    const Import* original = input.object.find_import(import.kind, symbol.index);
    // A reference that was a definition in a discarded comdat copy has its type there.
    if (global.kind == SymbolKind::global)
      import.global = original != nullptr ? original->global
                                          : input.object.globals[defined_index(input, symbol)].type;
    if (global.kind == SymbolKind::table)
      import.table = original != nullptr ? original->table
                                         : input.object.tables[defined_index(input, symbol)].type;
    return import;
  }

  static uint32_t defined_index(const Input& input, const Symbol& symbol) {
    const ExternKind kind =
        symbol.kind == SymbolKind::global ? ExternKind::global : ExternKind::table;
    return symbol.index - input.object.imported_count(kind);
  }

  uint32_t& imported(ExternKind kind) { return imported_[static_cast<size_t>(kind)]; }

  void number_functions() {
    uint32_t next = layout_.imported_functions;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      std::vector<uint32_t>& numbers = layout_.inputs[i].functions;
      numbers.assign(object(i).functions.size(), kNotInOutput);
      for (size_t f = 0; f < numbers.size(); ++f) {
        if (!chunks_[i].functions[f].is_kept()) continue;
        numbers[f] = next++;
        layout_.function_types.push_back(types_.numbers[i][object(i).functions[f]]);
      }
    }
    layout_.function_count = next;
  }

  // Globals are numbered after the GOT imports are known: here only their order.
  void number_small_spaces() {
    uint32_t tags = imported(ExternKind::tag);
    uint32_t tables = imported(ExternKind::table);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      InputLayout& input = layout_.inputs[i];
      const auto number = [](const std::vector<Chunk>& from, std::vector<uint32_t>& to,
                             uint32_t& next, auto&& keep) {
        to.assign(from.size(), kNotInOutput);
        for (size_t n = 0; n < from.size(); ++n) {
          if (!from[n].is_kept()) continue;
          to[n] = next++;
          keep(n);
        }
      };
      number(chunks_[i].tags, input.tags, tags,
             [&](size_t n) { layout_.tag_types.push_back(types_.numbers[i][object(i).tags[n]]); });
      number(chunks_[i].tables, input.tables, tables,
             [&](size_t n) { layout_.tables.push_back(object(i).tables[n]); });
      number(chunks_[i].globals, input.globals, defined_globals_,
             [&](size_t n) { layout_.globals.push_back(object(i).globals[n]); });
    }
  }

  // ---- Symbols ----

  void number_symbols() {
    constexpr uint32_t kClaimed = 0;
    std::vector<uint32_t> counts(inputs_.size(), 0);
    for_each_input([&](uint32_t i) {
      std::vector<uint32_t>& numbers = layout_.inputs[i].symbols;
      numbers.assign(object(i).symbols.size(), kNotInOutput);
      for (uint32_t s = 0; s < numbers.size(); ++s) {
        if (object(i).symbols[s].kind == SymbolKind::section || !is_emitted(i, s)) continue;
        numbers[s] = kClaimed;
        ++counts[i];
      }
    });
    claim_section_symbols(kClaimed, counts);
    uint32_t next = 0;
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      layout_.inputs[i].first_symbol = next;
      next += counts[i];
    }
    layout_.symbol_values.assign(next + (layout_.has_table_symbol_of_its_own ? 1 : 0), 0);
    layout_.symbol_count = static_cast<uint32_t>(layout_.symbol_values.size());
    for_each_input([&](uint32_t i) {
      uint32_t number = layout_.inputs[i].first_symbol;
      for (uint32_t s = 0; s < object(i).symbols.size(); ++s) {
        const Symbol& symbol = object(i).symbols[s];
        if (layout_.inputs[i].symbols[s] != kClaimed) continue;
        if (symbol.kind == SymbolKind::section)
          layout_.section_symbols[custom_.places[i][symbol.index].custom] = number;
        layout_.symbol_values[number] = value_of(i, s);
        layout_.inputs[i].symbols[s] = number++;
      }
    });
  }

  // The first input that has a symbol for a section of the output writes it.
  void claim_section_symbols(uint32_t claim, std::vector<uint32_t>& counts) {
    layout_.section_symbols.assign(custom_.sections.size(), kNotInOutput);
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      if (std::ranges::none_of(custom_.places[i], [](const SectionPlace& place) {
            return place.custom != UINT32_MAX;
          }))
        continue;
      for (uint32_t s = 0; s < object(i).symbols.size(); ++s) {
        const Symbol& symbol = object(i).symbols[s];
        if (symbol.kind != SymbolKind::section) continue;
        const uint32_t custom = custom_.places[i][symbol.index].custom;
        if (custom == UINT32_MAX || layout_.section_symbols[custom] != kNotInOutput) continue;
        layout_.section_symbols[custom] = claim;
        layout_.inputs[i].symbols[s] = claim;
        ++counts[i];
      }
    }
  }

  // Whether this input writes the symbol, no section's, into the output's table.
  bool is_emitted(uint32_t i, uint32_t s) const {
    const Symbol& symbol = object(i).symbols[s];
    const SymbolId id = table_.id_of(i, s);
    if (id != kLocalSymbol) {
      const GlobalSymbol& global = table_[id];
      if (global.is_alias || global.is_unused || global.owner != SymbolRef{i, s}) return false;
      if (!global.is_defined) return true;
    }
    const Chunk* chunk = chunks_[i].find(object(i), symbol);
    return chunk == nullptr || chunk->is_kept();
  }

  uint64_t value_of(uint32_t i, uint32_t s) const {
    const Symbol& symbol = object(i).symbols[s];
    const SymbolId id = table_.id_of(i, s);
    const bool is_defined = id == kLocalSymbol || table_[id].is_defined;
    if (symbol.kind == SymbolKind::section) return 0;
    if (!is_defined) {
      if (symbol.kind == SymbolKind::data || is_function_table(table_[id])) return 0;
      return import_numbers_[i].at(s);
    }
    const InputLayout& input = layout_.inputs[i];
    const Object& o = object(i);
    switch (symbol.kind) {
      case SymbolKind::function:
        return input.functions[symbol.index - o.imported_count(ExternKind::function)];
      case SymbolKind::data:
        return symbol.is_absolute() ? symbol.offset : input.addresses[symbol.index] + symbol.offset;
      case SymbolKind::global:
        return input.globals[symbol.index - o.imported_count(ExternKind::global)];
      case SymbolKind::tag:
        return input.tags[symbol.index - o.imported_count(ExternKind::tag)];
      case SymbolKind::table:
        return input.tables[symbol.index - o.imported_count(ExternKind::table)];
      case SymbolKind::section:
        break;
    }
    return 0;
  }

  // Every other mention gets its owner's number.
  void resolve_uses() {
    for_each_input([&](uint32_t i) {
      InputLayout& input = layout_.inputs[i];
      const std::vector<Symbol>& symbols = object(i).symbols;
      for (uint32_t s = 0; s < symbols.size(); ++s) {
        if (input.symbols[s] != kNotInOutput) continue;
        if (symbols[s].kind == SymbolKind::section) {
          const uint32_t custom = custom_.places[i][symbols[s].index].custom;
          if (custom != UINT32_MAX) input.symbols[s] = layout_.section_symbols[custom];
          continue;
        }
        const SymbolRef owner = table_.owner_of(i, s);
        if (owner != SymbolRef{i, s})
          input.symbols[s] = layout_.inputs[owner.input].symbols[owner.symbol];
      }
    });
  }

  // A global index relocation against data or a function wants the symbol's GOT entry: an import
  // of GOT.mem or GOT.func (DynamicLinking.md), one for each such symbol, in symbol order.
  void number_got() {
    std::vector<std::pair<uint32_t, SymbolRef>> wanted;
    for (uint32_t i = 0; i < inputs_.size(); ++i)
      for (uint32_t s = 0; s < uses_[i].size(); ++s)
        if ((uses_[i][s] & kUsedByGot) && layout_.inputs[i].symbols[s] != kNotInOutput)
          wanted.push_back({layout_.inputs[i].symbols[s], table_.owner_of(i, s)});
    std::ranges::sort(wanted, {}, [](const auto& entry) { return entry.first; });
    for (const auto& [symbol, owner] : wanted) {
      if (layout_.got.contains(symbol)) continue;
      const Symbol& at_owner = object(owner.input).symbols[owner.symbol];
      const SymbolId id = table_.id_of(owner.input, owner.symbol);
      Import import;
      import.module = at_owner.kind == SymbolKind::data ? "GOT.mem" : "GOT.func";
      import.field = id == kLocalSymbol ? at_owner.name : table_[id].name;
      import.kind = ExternKind::global;
      import.global = {layout_.is64 ? Bytes(kI64) : Bytes(kI32), true};
      layout_.got.emplace(symbol, imported(ExternKind::global)++);
      layout_.imports.push_back(import);
    }
    // Now the defined globals stand behind all imported ones.
    const uint32_t base = imported(ExternKind::global);
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      for (uint32_t& number : layout_.inputs[i].globals)
        if (number != kNotInOutput) number += base;
      for (uint32_t s = 0; s < object(i).symbols.size(); ++s) {
        const Symbol& symbol = object(i).symbols[s];
        if (symbol.kind == SymbolKind::global && symbol.is_defined() && is_emitted(i, s))
          layout_.symbol_values[layout_.inputs[i].symbols[s]] = value_of(i, s);
      }
    }
  }

  // ---- Init functions, limits ----

  void number_init_functions() {
    for (const ChainEntry& entry : chain_) {
      const uint32_t symbol = layout_.inputs[entry.symbol.input].symbols[entry.symbol.symbol];
      if (symbol != kNotInOutput) layout_.init_functions.push_back({entry.priority, symbol});
    }
  }

  void check_limits() {
    const auto check = [&](uint64_t size, std::string_view what) {
      if (size <= UINT32_MAX) return;
      sink_.report(fail("too-large", {.section = std::string(what)},
                        std::string(what) + " would take " + std::to_string(size) +
                            " bytes; the format ends at 4 GiB",
                        "link fewer inputs at once, or strip debug info (--strip-debug)")
                       .value());
    };
    check(layout_.code_size, "CODE");
    check(layout_.data_size, "DATA");
    if (!layout_.is64) check(layout_.memory_size, "memory");
    for (const CustomSection& section : custom_.sections) check(section.size, section.name);
  }

  static constexpr uint8_t kI32[] = {0x7f};
  static constexpr uint8_t kI64[] = {0x7e};

  const std::vector<Input>& inputs_;
  const std::vector<ChunkTable>& chunks_;
  const SymbolTable& table_;
  const MergedTypes& types_;
  const CustomLayout& custom_;
  const EditedNames& names_;
  const std::vector<ChainEntry>& chain_;
  DiagnosticSink& sink_;
  Layout layout_;
  std::vector<std::vector<uint8_t>> uses_;  // [input][symbol]
  uint32_t imported_[5] = {};
  uint32_t defined_globals_ = 0;
  std::vector<std::unordered_map<uint32_t, uint32_t>> import_numbers_;  // [input]: by symbol
  std::optional<size_t> function_table_;  // its position among the imports
};

}  // namespace

Layout plan_layout(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                   const SymbolTable& table, const MergedTypes& types, const CustomLayout& custom,
                   const EditedNames& names, const std::vector<ChainEntry>& chain,
                   DiagnosticSink& sink) {
  return LayoutPlanner(inputs, chunks, table, types, custom, names, chain, sink).plan();
}

}  // namespace wasmpack
