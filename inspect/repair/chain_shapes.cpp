#include "inspect/repair/chain_shapes.h"

#include <algorithm>

#include "inspect/facts/ctor_chain_shape.h"
#include "object/function_calls.h"
#include "object/instructions.h"
#include "object/object_assembler.h"
#include "object/value_types.h"

namespace wasmpack {
namespace {

constexpr uint32_t kRunning = 1, kDone = 2, kFailed = 3;
constexpr uint8_t kEmptyBlock = 0x40;

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

std::vector<uint8_t> make_guard_body(uint32_t initializer, uint32_t state, bool imports_functions) {
  BodyWriter body;
  const auto set_state = [&](uint32_t value) {
    body.op(opcode::kI32Const).index(value).op(opcode::kGlobalSet).index(state);
  };
  body.op(opcode::kGlobalGet).index(state);
  if (!imports_functions) body.op(opcode::kI32Const).index(kDone).op(opcode::kI32Eq);
  body.op(opcode::kIf).op(kEmptyBlock).op(opcode::kReturn).op(opcode::kEnd);
  if (!imports_functions) {
    body.op(opcode::kGlobalGet).index(state).op(opcode::kIf).op(kEmptyBlock);
    set_state(kFailed);
    body.op(opcode::kUnreachable).op(opcode::kEnd);
  }
  set_state(kRunning);
  body.op(opcode::kCall).index(initializer);
  set_state(kDone);
  body.op(opcode::kEnd);
  return body.without_locals();
}

bool is_guard_body(Bytes body) {
  constexpr size_t kLongest = 64;
  if (body.empty() || body.size() > kLongest) return false;
  InstructionReader reader(body);
  const std::optional<uint32_t> state = read_index(reader, opcode::kGlobalGet);
  const FunctionCalls calls = find_function_calls(body);
  if (!state || calls.callees.size() != 1) return false;
  return std::ranges::any_of(std::initializer_list<bool>{false, true}, [&](bool imports) {
    return std::ranges::equal(body, make_guard_body(calls.callees.front(), *state, imports));
  });
}

}  // namespace wasmpack
