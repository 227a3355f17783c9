#include "inspect/facts/guard_body.h"

#include <algorithm>
#include <initializer_list>

#include "object/function_calls.h"
#include "object/instructions.h"
#include "object/object_assembler.h"

namespace wasmpack {
namespace {

constexpr uint32_t kRunning = 1, kDone = 2, kFailed = 3;
constexpr uint8_t kEmptyBlock = 0x40;

}  // namespace

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

std::optional<uint32_t> read_guard_body(Bytes body) {
  constexpr size_t kLongest = 64;
  if (body.empty() || body.size() > kLongest) return std::nullopt;
  InstructionReader reader(body);
  Instruction state;
  if (!reader.next(state) || state.opcode != opcode::kGlobalGet) return std::nullopt;
  const FunctionCalls calls = find_function_calls(body);
  if (calls.callees.size() != 1) return std::nullopt;
  const uint32_t initializer = calls.callees.front();
  const bool is_guard =
      std::ranges::any_of(std::initializer_list<bool>{false, true}, [&](bool imports) {
        return std::ranges::equal(body, make_guard_body(initializer, state.index, imports));
      });
  return is_guard ? std::optional(initializer) : std::nullopt;
}

}  // namespace wasmpack
