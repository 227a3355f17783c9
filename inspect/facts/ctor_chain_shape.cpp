#include "inspect/facts/ctor_chain_shape.h"

#include <unordered_set>
#include <vector>

#include "inspect/facts/guard_body.h"
#include "object/function_calls.h"
#include "object/instructions.h"

namespace wasmpack {
namespace {

constexpr uint8_t kLocalGet = 0x20;
// A guard is some tens of bytes.
constexpr size_t kLongestGuard = 256;
// Functions whose first instruction is looked at.
constexpr size_t kMaxExports = 1 << 16;

// Whether the function is of the type that a chain has, and defined.
bool can_be_chain(const Object& object, uint32_t function) {
  if (function >= object.function_count() || function < object.imported_count(ExternKind::function))
    return false;
  const FuncType& type = object.types[object.function_type(function)];
  return type.is_function && type.params.empty() && type.results.empty();
}

std::optional<uint32_t> read_first_call(const Object& object, uint32_t function) {
  const Bytes body = object.function_body(function);
  if (body.empty()) return std::nullopt;
  InstructionReader reader(body);
  Instruction instruction;
  if (!reader.next(instruction) || instruction.opcode != opcode::kCall ||
      !can_be_chain(object, instruction.index))
    return std::nullopt;
  return instruction.index;
}

// Nothing but calls, as wasm-ld makes it.
bool is_plain(const Object& object, uint32_t function) {
  const FunctionCalls calls = find_function_calls(object.function_body(function));
  return calls.is_plain && calls.is_complete;
}

bool is_guard_instruction(uint8_t code) {
  return code <= 0x05 || code == opcode::kEnd || (code >= 0x0c && code <= 0x0f) ||  // control
         (code >= 0x20 && code <= 0x24) ||                                          // variables
         code == 0x28 || code == 0x2c || code == 0x2d || code == 0x36 || code == 0x3a ||
         code == opcode::kI32Const || (code >= 0x45 && code <= 0x4f) ||  // tests of i32
         (code >= 0x6a && code <= 0x73) || code == opcode::kDrop;
}

// What `_initialize` calls besides being a guard.
std::optional<uint32_t> read_guarded_call(const Object& object, uint32_t function) {
  const Bytes body = object.function_body(function);
  if (body.empty() || body.size() > kLongestGuard) return std::nullopt;
  std::optional<uint32_t> callee;
  InstructionReader reader(body);
  for (Instruction instruction; reader.next(instruction);) {
    if (instruction.opcode == opcode::kCall || instruction.opcode == opcode::kReturnCall) {
      if (callee || !can_be_chain(object, instruction.index)) return std::nullopt;
      callee = instruction.index;
    } else if (!is_guard_instruction(instruction.opcode)) {
      return std::nullopt;
    }
  }
  return reader.is_complete() ? callee : std::nullopt;
}

}  // namespace

std::optional<uint32_t> find_initialize(const Object& object) {
  for (const Export& entry : object.exports)
    if (entry.kind == ExternKind::function && entry.name == "_initialize") return entry.index;
  return std::nullopt;
}

std::optional<CommandWrapper> read_command_wrapper(const Object& object, uint32_t function) {
  const Bytes body = object.function_body(function);
  if (body.empty() || body.front() != 0) return std::nullopt;  // it has locals of its own
  const FuncType& type = object.types[object.function_type(function)];
  InstructionReader reader(body);
  Instruction instruction;
  const auto next_is = [&](uint8_t code) {
    return reader.next(instruction) && instruction.opcode == code;
  };
  if (!next_is(opcode::kCall) || !can_be_chain(object, instruction.index)) return std::nullopt;
  CommandWrapper wrapper{instruction.index, 0, std::nullopt};
  for (uint32_t i = 0; type.is_simple && i < type.params.size(); ++i)
    if (!next_is(kLocalGet) || instruction.index != i) return std::nullopt;
  if (!next_is(opcode::kCall) || instruction.index >= object.function_count()) return std::nullopt;
  wrapper.wrapped = instruction.index;
  if (!(object.types[object.function_type(wrapper.wrapped)] == type)) return std::nullopt;
  if (!reader.next(instruction)) return std::nullopt;
  if (instruction.opcode == opcode::kCall) {
    if (!can_be_chain(object, instruction.index)) return std::nullopt;
    wrapper.destructors = instruction.index;
    if (!reader.next(instruction)) return std::nullopt;
  }
  if (instruction.opcode != opcode::kEnd || !reader.is_complete()) return std::nullopt;
  return wrapper;
}

ChainByShape find_chain_by_shape(const Object& object) {
  if (const std::optional<uint32_t> initialize = find_initialize(object)) {
    const std::optional<uint32_t> callee = read_guarded_call(object, *initialize);
    if (callee && *callee != *initialize && is_plain(object, *callee)) return {callee, {}};
    return {std::nullopt,
            "names are stripped, and `_initialize` is not of the form that tells the ctor chain"};
  }
  std::optional<uint32_t> chain;
  std::unordered_set<uint32_t> exported;
  size_t wrappers = 0;
  for (const Export& entry : object.exports) {
    if (entry.kind != ExternKind::function || !exported.insert(entry.index).second) continue;
    if (exported.size() > kMaxExports) break;
    const std::optional<uint32_t> first = read_first_call(object, entry.index);
    if (!first || (chain && *chain != *first)) {
      chain.reset();
      break;
    }
    chain = first;
    const auto wrapper = read_command_wrapper(object, entry.index);
    if (wrapper && wrapper->wrapped != *first) ++wrappers;
  }
  if (!chain || exported.contains(*chain))
    return {std::nullopt, "names are stripped, so the ctor chain cannot be told from other code"};
  if (exported.size() < 2)
    return {std::nullopt,
            "names are stripped, and one export alone does not tell the ctor chain by its shape"};
  if (wrappers < 2) {
    return {std::nullopt,
            "names are stripped, and what the exports begin with may be something else than the "
            "ctor chain"};
  }
  // Exports of a repaired module begin with the guard.
  const std::optional<uint32_t> guarded = read_guard_body(object.function_body(*chain));
  if (guarded && can_be_chain(object, *guarded)) chain = guarded;
  return {chain, {}};
}

}  // namespace wasmpack
