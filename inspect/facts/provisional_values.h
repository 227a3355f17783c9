// What the relocated fields of an object hold before it is linked, as LLVM, wasm-ld -r and
// wasmpack link write them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "object/object.h"
#include "object/relocation.h"

namespace wasmpack {

enum class FieldState : uint8_t {
  unknown,  // nothing is known of what it should hold
  holds,    // what it should
  stale,
};

class ProvisionalValues {
 public:
  explicit ProvisionalValues(const Object& object);

  // The fast path: whether the field of a common kind holds what it should. False says nothing.
  bool holds(const Relocation& relocation, uint32_t field) const {
    if (relocation.index >= values_.size()) return false;
    const Value& value = values_[relocation.index];
    const auto addend = static_cast<uint32_t>(relocation.addend);
    switch (relocation.kind) {
      case kFunctionIndexLeb:
        return value.kind == SymbolKind::function && field == value.index;
      case kGlobalIndexLeb:
        return value.kind == SymbolKind::global && field == value.index;
      case kFunctionOffsetI32:
        return value.kind == SymbolKind::function && value.is_known &&
               field == value.code_offset + addend;
      case kSectionOffsetI32:
        return value.kind == SymbolKind::section && field == addend;
      case kMemoryAddrLeb:
      case kMemoryAddrSleb:
      case kMemoryAddrI32:
        return value.kind == SymbolKind::data && value.is_known &&
               field == static_cast<uint32_t>(value.address) + addend;
      default:
        return false;
    }
  }

  // Whether `relocation` names a symbol or type that exists and that its kind is for.
  bool is_valid(const Relocation& relocation, const RelocationInfo& info) const;

  // Whether a field may hold `field`, the bits of a field of that kind. Only for valid ones.
  FieldState compare(const Relocation& relocation, const RelocationInfo& info,
                     uint64_t field) const;
  // What it should hold, for messages; nothing if there is more than one possibility.
  std::optional<uint64_t> expect(const Relocation& relocation, const RelocationInfo& info) const;

 private:
  // The part of a symbol that matters here, packed: there are hundreds of thousands of them.
  struct Value {
    uint64_t address = 0;      // data: of the segment and in it
    uint32_t index = 0;        // of the other kinds
    uint32_t code_offset = 0;  // of a defined function's body, in CODE
    SymbolKind kind = SymbolKind::function;
    bool is_defined = false;
    bool is_known = false;  // the address or offset is known
  };

  void read_table(const Object& object);
  FieldState compare_global(const Value& value, uint32_t symbol, uint64_t field) const;

  const Object& object_;
  std::vector<Value> values_;    // by symbol
  std::vector<uint32_t> slots_;  // function in each slot of table 0, kNullFunction for none
  uint64_t first_slot_ = 0;      // which LLVM counts position-independent slots from
  size_t type_count_;
};

}  // namespace wasmpack
