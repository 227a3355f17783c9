#include "object/function_calls.h"

#include "object/instructions.h"

namespace wasmpack {
namespace {

constexpr uint8_t kCallIndirect = 0x11, kReturnCallIndirect = 0x13, kCallRef = 0x14,
                  kReturnCallRef = 0x15;

}  // namespace

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
      case kCallIndirect:
      case kReturnCallIndirect:
      case kCallRef:
      case kReturnCallRef:
        calls.is_indirect = true;
        calls.is_plain = false;
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
