#include "object/function_calls.h"

#include "object/instructions.h"

namespace wasmpack {

FunctionCalls find_function_calls(Bytes body) {
  FunctionCalls calls;
  InstructionReader reader(body);
  Instruction instruction;
  while (reader.next(instruction)) {
    switch (instruction.opcode) {
      case opcode::kReturnCall:
        calls.is_plain = false;
        [[fallthrough]];
      case opcode::kCall:
        calls.callees.push_back(instruction.index);
        break;
      case opcode::kNop:
      case opcode::kDrop:
      case opcode::kEnd:
        break;
      default:
        calls.is_plain = false;
    }
  }
  calls.is_complete = reader.is_complete();
  return calls;
}

}  // namespace wasmpack
