#include "inspect/facts/provisional_values.h"

#include "object/value_types.h"
#include "object/verify.h"

namespace wasmpack {
namespace {

// A table may be filled at any offset; objects fill it from slot 0 or 1.
constexpr uint64_t kMaxSlots = uint64_t{1} << 24;

}  // namespace

ProvisionalValues::ProvisionalValues(const Object& object)
    : object_(object), type_count_(object.types.size()) {
  std::vector<std::optional<int64_t>> addresses(object.data.size());
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (object.data[i].init_flags != 1)
      addresses[i] = constant_of_expression(object.data[i].offset_init);
  }
  const uint32_t imported = object.imported_count(ExternKind::function);
  values_.reserve(object.symbols.size());
  for (const Symbol& symbol : object.symbols) {
    Value value;
    value.kind = symbol.kind;
    value.index = symbol.index;
    value.is_defined = symbol.is_defined();
    if (symbol.kind == SymbolKind::function && value.is_defined && symbol.index >= imported) {
      value.code_offset = object.code[symbol.index - imported].offset;
      value.is_known = true;
    }
    if (symbol.kind == SymbolKind::data && value.is_defined && !symbol.is_absolute() &&
        addresses[symbol.index]) {
      value.address = static_cast<uint64_t>(*addresses[symbol.index]) + symbol.offset;
      value.is_known = true;
    }
    values_.push_back(value);
  }
  read_table(object);
}

void ProvisionalValues::read_table(const Object& object) {
  for (const ElementSegment& segment : object.elements) {
    if ((segment.flags & 1) || segment.table != 0) continue;
    const std::optional<int64_t> offset = constant_of_expression(segment.offset);
    if (!offset || *offset < 0) continue;
    const uint64_t begin = static_cast<uint64_t>(*offset);
    if (begin > kMaxSlots || segment.functions.size() > kMaxSlots - begin) continue;
    if (slots_.empty()) first_slot_ = begin;
    const uint64_t end = begin + segment.functions.size();
    if (slots_.size() < end) slots_.resize(end, kNullFunction);
    for (uint64_t i = begin; i < end; ++i) slots_[i] = segment.functions[i - begin];
  }
}

bool ProvisionalValues::is_valid(const Relocation& relocation, const RelocationInfo& info) const {
  if (info.target == RelocationTarget::type_index) return relocation.index < type_count_;
  return relocation.index < values_.size() &&
         is_symbol_kind_allowed(info.target, values_[relocation.index].kind);
}

// Where the symbol is data or a function, the global is its entry of the GOT.
FieldState ProvisionalValues::compare_global(const Value& value, uint32_t symbol,
                                             uint64_t field) const {
  if (value.kind == SymbolKind::global)
    return field == value.index ? FieldState::holds : FieldState::stale;
  const Import* import = object_.find_import(ExternKind::global, static_cast<uint32_t>(field));
  // wasm-ld -r drops the GOT's imports and leaves any number in the fields.
  if (import == nullptr || !import->module.starts_with("GOT.")) return FieldState::unknown;
  return import->field == object_.symbols[symbol].name ? FieldState::holds : FieldState::stale;
}

FieldState ProvisionalValues::compare(const Relocation& relocation, const RelocationInfo& info,
                                      uint64_t field) const {
  const auto hold = [](bool holds) { return holds ? FieldState::holds : FieldState::stale; };
  if (info.target == RelocationTarget::type_index) return hold(field == relocation.index);
  const Value& value = values_[relocation.index];
  switch (info.target) {
    case RelocationTarget::table_index: {
      if (slots_.empty()) return FieldState::unknown;
      const uint64_t slot = info.is_relative ? field + first_slot_ : field;
      return hold(slot < slots_.size() && slots_[slot] == value.index);
    }
    case RelocationTarget::global_index:
      return compare_global(value, relocation.index, field);
    default:
      break;
  }
  const std::optional<uint64_t> expected = expect(relocation, info);
  return expected ? hold(field == *expected) : FieldState::unknown;
}

std::optional<uint64_t> ProvisionalValues::expect(const Relocation& relocation,
                                                  const RelocationInfo& info) const {
  if (info.target == RelocationTarget::type_index) return relocation.index;
  const Value& value = values_[relocation.index];
  const bool is_wide = info.encoding == RelocationEncoding::u64 ||
                       info.encoding == RelocationEncoding::uleb64 ||
                       info.encoding == RelocationEncoding::sleb64;
  const auto fit = [is_wide](uint64_t wide) { return is_wide ? wide : wide & UINT32_MAX; };
  const auto addend = static_cast<uint64_t>(relocation.addend);
  switch (info.target) {
    case RelocationTarget::function_index:
    case RelocationTarget::tag_index:
    case RelocationTarget::table_number:
      return value.index;
    case RelocationTarget::global_index:
      return value.kind == SymbolKind::global ? std::optional<uint64_t>(value.index) : std::nullopt;
    case RelocationTarget::memory_address:
      if (!value.is_known) return std::nullopt;
      return fit(value.address + addend);
    case RelocationTarget::function_offset:
      if (!value.is_known) return std::nullopt;
      return fit(value.code_offset + addend);
    case RelocationTarget::section_offset:
      return fit(addend);
    default:
      return std::nullopt;
  }
}

}  // namespace wasmpack
