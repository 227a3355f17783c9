#include "inspect/repair/chain_shapes.h"

#include "inspect/facts/ctor_chain_shape.h"
#include "object/instructions.h"
#include "object/value_types.h"

namespace wasmpack {
namespace {

// The next instruction if it has that opcode; its index.
std::optional<uint32_t> read_index(InstructionReader& reader, uint8_t opcode) {
  Instruction instruction;
  if (!reader.next(instruction) || instruction.opcode != opcode) return std::nullopt;
  return instruction.index;
}

}  // namespace

std::optional<uint32_t> count_parameters(const FuncType& type) {
  if (!type.is_function) return std::nullopt;
  uint32_t count = 0;
  bool is_simple = true;
  Cursor cursor(type.params);
  for (; !cursor.at_end() && cursor.ok(); ++count) read_value_type(cursor, is_simple);
  return cursor.ok() ? std::optional(count) : std::nullopt;
}

ChainUser read_chain_user(const Object& module, uint32_t function, uint32_t chain) {
  const std::optional<CommandWrapper> wrapper = read_command_wrapper(module, function);
  if (wrapper && wrapper->chain == chain) {
    if (!wrapper->destructors) return {ChainShape::wrapper, wrapper->wrapped};
    return {ChainShape::destructors, wrapper->wrapped, *wrapper->destructors};
  }
  const Bytes body = module.function_body(function);
  if (body.empty() || body.front() != 0) return {};  // imported, or with locals
  const FuncType& type = module.types[module.function_type(function)];
  InstructionReader reader(body);
  Instruction instruction;
  const bool is_call = type.is_function && type.params.empty() && type.results.empty() &&
                       read_index(reader, opcode::kCall) == chain && reader.next(instruction) &&
                       instruction.opcode == opcode::kEnd && reader.is_complete();
  return {is_call ? ChainShape::call : ChainShape::other};
}

}  // namespace wasmpack
