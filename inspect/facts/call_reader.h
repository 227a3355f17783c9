// The direct calls of a finished module's functions, read when asked for and within a budget, and
// the search for a function's callers, which need not read all code for it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "object/function_calls.h"
#include "object/object.h"

namespace wasmpack {

// Bytes of function bodies that are decoded for one module, and bytes that are looked through for
// calls; beyond that an answer is incomplete.
inline constexpr uint64_t kMaxBytesRead = uint64_t{16} << 20;
inline constexpr uint64_t kMaxBytesSearched = uint64_t{512} << 20;
// Calls between a function and one that leads to it.
inline constexpr unsigned kMaxCallDepth = 16;

// Decodes each body at most once, until the budget is spent.
class CallReader {
 public:
  explicit CallReader(const Object& object) : object_(object) {}

  // Null if the function is imported, or too large for what is left of the budget. Callees that do
  // not exist are left out.
  const FunctionCalls* read(uint32_t function);

  // For each function that calls one of `targets` directly or through others: the callee on a
  // shortest way there. The targets themselves are keys too, each its own callee.
  std::unordered_map<uint32_t, uint32_t> find_ways(std::span<const uint32_t> targets);

  // False: something was too much to read, or not understood.
  bool is_complete() const { return is_complete_; }

 private:
  bool may_call(Bytes body, const std::vector<bool>& targets);

  const Object& object_;
  std::unordered_map<uint32_t, std::optional<FunctionCalls>> calls_;
  uint64_t read_left_ = kMaxBytesRead;
  uint64_t search_left_ = kMaxBytesSearched;
  bool is_complete_ = true;
};

}  // namespace wasmpack
