#include "linker/function_table.h"

#include <algorithm>

#include "object/relocation_reader.h"
#include "object/verify.h"

namespace wasmpack {
namespace {

constexpr std::string_view kTableName = "__indirect_function_table";
constexpr uint8_t kFuncRef[] = {0x70};

// call_indirect always has a type relocation.
bool has_type_relocation(const Object& object) {
  const int code = object.find_section(SectionId::code);
  if (code < 0) return false;
  const RelocationSection* relocations = object.find_relocations(static_cast<uint32_t>(code));
  if (relocations == nullptr) return false;
  RelocationReader reader(relocations->entries);
  for (Relocation relocation; reader.next(relocation);)
    if (relocation.kind == kTypeIndexLeb) return true;
  return false;
}

// With a second table in the object, only symbols tell the final linker which table is which, and
// the old code's calls would go to whatever it puts first.
void report_calls_without_relocation(const std::vector<Input>& inputs, DiagnosticSink& sink) {
  for (const Input& input : inputs) {
    const Object& object = input.object;
    const bool has_table = object.imported_count(ExternKind::table) != 0;
    const bool has_symbol = std::ranges::any_of(
        object.symbols, [](const Symbol& symbol) { return symbol.kind == SymbolKind::table; });
    if (!has_table || has_symbol || !has_type_relocation(object)) continue;
    sink.report(
        fail("table-without-relocation", input.locate("CODE"),
             "calls through table 0 without a relocation, but this link has other tables too",
             "compile it with clang 15 or newer, or with -mreference-types")
            .value());
  }
}

}  // namespace

bool is_function_table(const GlobalSymbol& global) {
  return global.kind == SymbolKind::table && global.name == kTableName && !global.is_defined;
}

FunctionTablePlan plan_function_table(const std::vector<Input>& inputs,
                                      const std::vector<std::vector<uint8_t>>& uses,
                                      const SymbolTable& table, bool is64, DiagnosticSink& sink) {
  FunctionTablePlan plan;
  bool is_needed = false;
  bool has_symbol = false;
  bool has_other_table = false;
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const Object& object = inputs[i].object;
    for (const uint32_t position : object.imported[static_cast<size_t>(ExternKind::table)]) {
      const Import& import = object.imports[position];
      has_other_table |= import.field != kTableName;
      if (import.field == kTableName && !plan.import) plan.import = import;
    }
    has_other_table |= !object.tables.empty();
    for (uint32_t s = 0; s < object.symbols.size(); ++s) {
      is_needed |= (uses[i][s] & kUsedInTable) != 0;
      if (object.symbols[s].kind != SymbolKind::table) continue;
      const SymbolId id = table.id_of(i, s);
      has_symbol |= id != kLocalSymbol && is_function_table(table[id]);
    }
  }
  if (!plan.import && !is_needed) return plan;
  if (!plan.import) {
    plan.import.emplace();
    plan.import->module = "env";
    plan.import->field = kTableName;
    plan.import->kind = ExternKind::table;
    plan.import->table.element_type = kFuncRef;
    plan.import->table.limits.is64 = is64;
  }
  plan.needs_symbol = !has_symbol && has_other_table;
  if (has_other_table) report_calls_without_relocation(inputs, sink);
  return plan;
}

void fill_function_table(const std::vector<std::vector<uint8_t>>& uses,
                         std::optional<size_t> import, Layout& layout) {
  std::vector<bool> is_used(layout.function_count, false);
  for (uint32_t i = 0; i < uses.size(); ++i) {
    for (uint32_t s = 0; s < uses[i].size(); ++s) {
      const uint32_t symbol = layout.inputs[i].symbols[s];
      if ((uses[i][s] & kUsedInTable) && symbol != kNotInOutput)
        is_used[layout.symbol_values[symbol]] = true;
    }
  }
  layout.table_slots.assign(layout.function_count, 0);
  for (uint32_t f = 0; f < layout.function_count; ++f) {
    if (!is_used[f]) continue;
    layout.table_functions.push_back(f);
    layout.table_slots[f] = static_cast<uint32_t>(layout.table_functions.size());
  }
  if (!import) return;
  // Slot 0 stays empty, so that no function's address is null.
  const uint64_t slots = layout.table_functions.size();
  Limits& limits = layout.imports[*import].table.limits;
  limits.minimum = slots == 0 ? 0 : slots + 1;
  limits.maximum.reset();
}

}  // namespace wasmpack
