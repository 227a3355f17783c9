// The call graph of a finished module: what its instructions and segments name (call_graph.h).

#include <string>
#include <unordered_map>

#include "inspect/facts/graph_builder.h"
#include "inspect/facts/type_text.h"
#include "object/instructions.h"

namespace wasmpack {
namespace {

// Types that may be subtypes of each other are one class: a call through one of them may meet a
// function of another.
constexpr uint32_t kRelatedTypes = 0;
constexpr uint32_t kNoClass = UINT32_MAX;

// Flags of element segments (core specification 5.5.12).
constexpr uint32_t kElementPassive = 1;  // or declarative
constexpr uint32_t kElementExpressions = 4;

class ModuleReferences {
 public:
  ModuleReferences(const Object& object, GraphBuilder& builder)
      : object_(object), builder_(builder), classes_(object.types.size(), kNoClass) {}

  void add() {
    for (uint32_t i = 0; i < object_.data.size(); ++i) {
      if (object_.data[i].init_flags != 1)
        builder_.refer(kRootNode, builder_.data(i), ReferenceKind::instantiation);
    }
    for (uint32_t i = 0; i < object_.imported_count(ExternKind::table); ++i)
      builder_.refer(kRootNode, builder_.table(i), ReferenceKind::imported_table);
    const uint32_t imported = object_.imported_count(ExternKind::function);
    for (uint32_t i = 0; i < object_.code.size(); ++i) {
      const Bytes body = object_.function_body(imported + i);
      add_instructions(builder_.function(imported + i), InstructionReader(body), body);
    }
    for (uint32_t i = 0; i < object_.globals.size(); ++i)
      add_expression(builder_.global(object_.imported_count(ExternKind::global) + i),
                     object_.globals[i].init);
    for (uint32_t i = 0; i < object_.data.size(); ++i)
      add_expression(builder_.data(i), object_.data[i].offset_init);
    add_tables();
    add_elements();
  }

 private:
  void add_expression(uint32_t source, Bytes expression) {
    if (!expression.empty())
      add_instructions(source, InstructionReader::over_expression(expression), expression);
  }

  void add_instructions(uint32_t source, InstructionReader reader, Bytes bytes) {
    Instruction instruction;
    while (reader.next(instruction)) add_instruction(source, instruction, bytes);
    if (!reader.is_complete())
      builder_.fail("an instruction was not understood, so not all references are known");
  }

  void add_instruction(uint32_t source, const Instruction& instruction, Bytes bytes) {
    switch (instruction.opcode) {
      case opcode::kCall:
      case opcode::kReturnCall:
        return builder_.refer(source, builder_.function(instruction.index), ReferenceKind::call);
      case opcode::kRefFunc:
        return builder_.refer(source, builder_.function(instruction.index), ReferenceKind::address);
      case opcode::kGlobalGet:
      case opcode::kGlobalSet:
        return builder_.refer(source, builder_.global(instruction.index), ReferenceKind::global);
      case opcode::kTableGet:
        return builder_.refer(source, builder_.table(instruction.index), ReferenceKind::table);
      case opcode::kCallIndirect:
      case opcode::kReturnCallIndirect: {
        Cursor cursor(bytes.subspan(instruction.immediates));
        const uint32_t type = cursor.read_varuint32();
        const uint32_t table = cursor.read_varuint32();
        return builder_.refer(source, find_indirect(table, type), ReferenceKind::indirect_call);
      }
      case opcode::kBulkPrefix:
      case opcode::kGcPrefix:
        return add_prefixed(source, instruction, bytes);
      default:
        return;
    }
  }

  void add_prefixed(uint32_t source, const Instruction& instruction, Bytes bytes) {
    Cursor cursor(bytes.subspan(instruction.immediates));
    const bool is_bulk = instruction.opcode == opcode::kBulkPrefix;
    if (is_bulk ? instruction.index < 8 || instruction.index > 14
                : instruction.index < 9 || instruction.index > 19)
      return;
    cursor.read_varuint32();
    const uint32_t first = cursor.read_varuint32();
    if (is_bulk) {
      if (instruction.index <= 9)  // memory.init, data.drop
        builder_.refer(source, builder_.data(first), ReferenceKind::bulk);
      else if (instruction.index == 12 || instruction.index == 13)  // table.init, elem.drop
        builder_.refer(source, builder_.element(first), ReferenceKind::bulk);
      else if (instruction.index == 14)  // table.copy: to, from
        builder_.refer(source, builder_.table(cursor.read_varuint32()), ReferenceKind::table);
      return;
    }
    const uint32_t second = cursor.read_varuint32();
    if (instruction.index == 9 || instruction.index == 18)  // array.new_data, array.init_data
      builder_.refer(source, builder_.data(second), ReferenceKind::bulk);
    else if (instruction.index == 10 || instruction.index == 19)  // array.new_elem, .init_elem
      builder_.refer(source, builder_.element(second), ReferenceKind::bulk);
  }

  uint32_t class_of(uint32_t type_index) {
    if (type_index >= classes_.size()) return kRelatedTypes;
    uint32_t& known = classes_[type_index];
    if (known != kNoClass) return known;
    const FuncType& type = object_.types[type_index];
    if (!type.is_simple) return known = kRelatedTypes;
    std::string key(as_string(type.params));
    key += '>';  // no value type
    key += as_string(type.results);
    const auto next = static_cast<uint32_t>(class_numbers_.size() + 1);
    return known = class_numbers_.emplace(std::move(key), next).first->second;
  }

  uint32_t find_indirect(uint32_t table, uint32_t type) {
    if (builder_.table(table) == kNoNode || type >= object_.types.size()) return kNoNode;
    const uint64_t key = uint64_t{table} << 32 | class_of(type);
    const auto [entry, is_new] = indirect_.emplace(key, kNoNode);
    if (is_new) {
      const std::string text =
          "through table " + std::to_string(table) + " as " + render_function_type(object_, type);
      entry->second = builder_.add_node({NodeKind::indirect, false, type, 0, builder_.keep(text)});
    }
    return entry->second;
  }

  // A table's entries: for who has the whole table, and for who calls through it.
  void add_entry(uint32_t table, uint32_t function) {
    if (builder_.function(function) == kNoNode) return;
    const auto found =
        indirect_.find(uint64_t{table} << 32 | class_of(object_.function_type(function)));
    if (found != indirect_.end())
      builder_.refer(found->second, builder_.function(function), ReferenceKind::element);
  }

  void add_tables() {
    const uint32_t imported = object_.imported_count(ExternKind::table);
    for (uint32_t i = 0; i < object_.tables.size(); ++i) {
      const Bytes init = object_.tables[i].init;
      if (init.empty()) continue;
      add_expression(builder_.table(imported + i), init);
      InstructionReader reader = InstructionReader::over_expression(init);
      for (Instruction instruction; reader.next(instruction);)
        if (instruction.opcode == opcode::kRefFunc) add_entry(imported + i, instruction.index);
    }
  }

  void add_elements() {
    bool has_other_expressions = false;
    for (uint32_t i = 0; i < object_.elements.size(); ++i) {
      const ElementSegment& segment = object_.elements[i];
      const bool is_active = !(segment.flags & kElementPassive);
      if (is_active) {
        builder_.refer(builder_.table(segment.table), builder_.element(i), ReferenceKind::element);
        add_expression(builder_.element(i), segment.offset);
      }
      for (const uint32_t function : segment.functions) {
        if (function == kNullFunction) {
          has_other_expressions |= (segment.flags & kElementExpressions) != 0;
          continue;
        }
        builder_.refer(builder_.element(i), builder_.function(function), ReferenceKind::element);
        if (is_active) add_entry(segment.table, function);
      }
    }
    // Such an entry may be the value of a global, which the reader does not keep.
    if (!has_other_expressions) return;
    const uint32_t imported = object_.imported_count(ExternKind::global);
    for (uint32_t i = 0; i < object_.globals.size(); ++i)
      builder_.refer(kRootNode, builder_.global(imported + i), ReferenceKind::instantiation);
  }

  const Object& object_;
  GraphBuilder& builder_;
  std::vector<uint32_t> classes_;  // by type index
  std::unordered_map<std::string, uint32_t> class_numbers_;
  std::unordered_map<uint64_t, uint32_t> indirect_;  // table and class -> node
};

}  // namespace

void add_module_references(const Object& object, GraphBuilder& builder) {
  ModuleReferences(object, builder).add();
}

}  // namespace wasmpack
