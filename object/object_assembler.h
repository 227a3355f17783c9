// Builds a relocatable object: what we generate is linked like what a compiler made.
//
// Names and contents of segments are views: they must outlive write(). Symbols are numbered from 0
// in the order in which they are added; everything refers to functions and data by symbol.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "object/object.h"
#include "object/relocation.h"
#include "support/byte_writer.h"

namespace wasmpack {

// The instructions of a function body, with the places where symbols come in.
class BodyWriter {
 public:
  BodyWriter& op(uint8_t opcode) { return bytes_.write_u8(opcode), *this; }
  BodyWriter& index(uint32_t value) { return bytes_.write_varuint(value), *this; }
  // call
  BodyWriter& call(uint32_t function_symbol);
  // i32.const
  BodyWriter& constant(int32_t value);
  // i32.const with the address of a data symbol
  BodyWriter& address(uint32_t data_symbol);

  Bytes bytes() const { return bytes_.bytes(); }
  // As a function body that declares no locals.
  std::vector<uint8_t> without_locals() const;
  const std::vector<Relocation>& relocations() const { return relocations_; }

 private:
  BodyWriter& site(uint8_t kind, uint32_t symbol);

  ByteWriter bytes_;
  std::vector<Relocation> relocations_;  // offsets count from the first instruction
};

class ObjectAssembler {
 public:
  // The number of a type; equal types have one number.
  uint32_t add_type(const FuncType& type);

  // Symbols that other objects define. A function is imported from `env`.
  uint32_t import_function(std::string_view name, uint32_t type);
  uint32_t import_data(std::string_view name);
  // __indirect_function_table, which an object must name that takes a function's table slot.
  uint32_t import_table();

  // A function without locals besides its parameters; `flags` as in the symbol table.
  uint32_t define_function(std::string_view name, uint32_t type, BodyWriter body, uint32_t flags);
  // Another name of the same function.
  uint32_t alias_function(std::string_view name, uint32_t symbol, uint32_t flags);

  // A data segment; the offsets of `relocations` count from its start. Returns its number.
  uint32_t add_segment(std::string_view name, uint32_t alignment_log2, Bytes content,
                       std::vector<Relocation> relocations);
  uint32_t define_data(std::string_view name, uint32_t segment, uint64_t offset, uint64_t size,
                       uint32_t flags);

  std::vector<uint8_t> write() const;

 private:
  struct Function {
    uint32_t type;
    BodyWriter body;
  };
  struct Segment {
    std::string_view name;
    uint32_t alignment_log2;
    Bytes content;
    std::vector<Relocation> relocations;
  };

  uint32_t add_symbol(const Symbol& symbol);
  void write_linking(ByteWriter& out) const;

  std::unordered_map<std::string, uint32_t> type_numbers_;  // by the encoded type
  std::vector<const std::string*> types_;                   // its keys, in order
  std::vector<Import> imports_;                             // functions only
  std::vector<Function> functions_;
  std::vector<Segment> segments_;
  std::vector<Symbol> symbols_;  // a defined function's index counts from 0 until write()
  bool has_table_ = false;
};

}  // namespace wasmpack
