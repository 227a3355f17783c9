#include "inspect/facts/call_reader.h"

#include <utility>

namespace wasmpack {

const FunctionCalls* CallReader::read(uint32_t function) {
  const auto [entry, is_new] = calls_.try_emplace(function);
  if (!is_new) return entry->second ? &*entry->second : nullptr;
  const Bytes body = object_.function_body(function);
  if (body.empty()) return nullptr;
  if (body.size() > read_left_) {
    is_complete_ = false;
    return nullptr;
  }
  read_left_ -= body.size();
  entry->second = find_function_calls(body);
  FunctionCalls& calls = *entry->second;
  if (!calls.is_complete) is_complete_ = false;
  // The reader of the object leaves bodies alone, so the indices are unchecked until here.
  std::erase_if(calls.callees, [this](uint32_t f) { return f >= object_.function_count(); });
  return &calls;
}

// Whether the bytes of a call of a target occur in the body, at whatever place: if not, there is no
// such call, and most bodies need no decoding.
bool CallReader::may_call(Bytes body, const std::vector<bool>& targets) {
  const uint8_t* at = body.data();
  const uint8_t* const end = at + body.size();
  while (at != end) {
    constexpr uint8_t kCalls = 0x10, kTailBit = 0x02;  // call 0x10, return_call 0x12
    if ((*at++ & ~kTailBit) != kCalls) continue;
    uint64_t index = 0;
    unsigned shift = 0;
    const uint8_t* digit = at;
    while (digit != end && shift < 35) {
      index |= uint64_t{*digit & 0x7fu} << shift;
      shift += 7;
      if (*digit++ < 0x80) break;
    }
    if (index < targets.size() && targets[static_cast<size_t>(index)]) return true;
  }
  return false;
}

std::unordered_map<uint32_t, uint32_t> CallReader::find_ways(std::span<const uint32_t> targets) {
  std::unordered_map<uint32_t, uint32_t> ways;
  std::vector<bool> level(object_.function_count());
  bool is_empty = true;
  for (const uint32_t target : targets) {
    if (target >= level.size()) continue;
    ways.emplace(target, target);
    level[target] = true;
    is_empty = false;
  }
  const uint32_t first = object_.imported_count(ExternKind::function);
  const auto count = static_cast<uint32_t>(object_.code.size());
  for (unsigned depth = 0; depth < kMaxCallDepth && !is_empty; ++depth) {
    std::vector<bool> next(level.size());
    is_empty = true;
    for (uint32_t function = first; function < first + count; ++function) {
      if (ways.contains(function)) continue;
      const Bytes body = object_.function_body(function);
      if (body.size() > search_left_) {
        is_complete_ = false;
        return ways;
      }
      search_left_ -= body.size();
      if (!may_call(body, level)) continue;
      const FunctionCalls* calls = read(function);
      if (calls == nullptr) continue;
      for (const uint32_t callee : calls->callees) {
        if (!level[callee]) continue;
        ways.emplace(function, callee);
        next[function] = true;
        is_empty = false;
        break;
      }
    }
    level = std::move(next);
  }
  if (!is_empty) is_complete_ = false;
  return ways;
}

}  // namespace wasmpack
