#include "object/call_reach.h"

#include <algorithm>

#include "object/instructions.h"
#include "object/value_types.h"

namespace wasmpack {

CallReach::CallReach(const Object& module)
    : module_(module),
      parents_(module.function_count(), kUnreached),
      is_blocked_(module.function_count(), false) {}

void CallReach::add_root(uint32_t function) { reach(function, function); }

void CallReach::block(uint32_t function) { is_blocked_[function] = true; }

void CallReach::add_references() {
  for (const ElementSegment& segment : module_.elements)
    for (const uint32_t function : segment.functions) add_root(function);
  for (const Global& global : module_.globals) add_root(function_of_expression(global.init));
  for (const Table& table : module_.tables)
    if (!table.init.empty()) add_root(function_of_expression(table.init));
}

void CallReach::run() {
  // The queue grows while it is walked.
  for (size_t i = 0; i < queue_.size(); ++i)
    if (!is_blocked_[queue_[i]]) read_body(queue_[i]);
  queue_.clear();
}

std::vector<uint32_t> CallReach::list_path(uint32_t function) const {
  std::vector<uint32_t> path = {function};
  while (parents_[path.back()] != path.back()) path.push_back(parents_[path.back()]);
  std::ranges::reverse(path);
  return path;
}

// Bodies are unchecked, so an index may be of no function.
void CallReach::reach(uint32_t function, uint32_t parent) {
  if (function >= parents_.size() || is_reached(function)) return;
  parents_[function] = parent;
  queue_.push_back(function);
}

void CallReach::read_body(uint32_t function) {
  const Bytes body = module_.function_body(function);
  if (body.empty()) return;  // an import
  InstructionReader reader(body);
  Instruction instruction;
  while (reader.next(instruction)) {
    const bool names_function = instruction.opcode == opcode::kCall ||
                                instruction.opcode == opcode::kReturnCall ||
                                instruction.opcode == opcode::kRefFunc;
    if (names_function) reach(instruction.index, function);
  }
  if (!reader.is_complete() && !unknown_) unknown_ = function;
}

}  // namespace wasmpack
