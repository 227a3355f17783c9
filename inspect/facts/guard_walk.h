// Walks the code between an export and the ctor chain with what is known of values, to tell how
// often a call runs the chain: guards read a flag, branch on it and set it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tl/expected.hpp>

#include "inspect/facts/memory_image.h"
#include "inspect/facts/walk_effects.h"
#include "object/object.h"

namespace wasmpack {

// What a walk knows of an instance: the runs of the chain so far, and what was written since it was
// made. Anything else is as the module's segments and initial values say.
struct WalkState {
  uint32_t runs = 0;
  std::vector<std::pair<uint32_t, WalkValue>> globals;  // by index
  // Address -> byte.
  std::vector<std::pair<uint32_t, std::optional<uint8_t>>> bytes;
  bool is_memory_lost = false;  // anything may have been written anywhere
  bool operator==(const WalkState&) const = default;
};

// Instructions walked to find guarded constructors, and again to count runs: some wrappers and
// guards, not whole programs.
inline constexpr uint64_t kMaxWalkSteps = 1 << 20;

// Follows straight code, blocks, branches and the calls of functions that lead to the chain. Where
// a branch depends on something unknown both ways are walked and must agree on the runs. Loops must
// not change the state. Other functions, imports and stores to addresses that are no constants are
// taken not to touch the flags: that is what a guard relies on too.
class GuardWalk {
 public:
  // `ways` has the functions that lead to `chain` (call_reach.h). `is_in_table`: one of them is
  // also in a table, so an indirect call may lead there. `is_chain_entered`: the chain's own
  // callees may run it again. `steps_left` is shared by all walks for one purpose.
  GuardWalk(const Object& object, const MemoryImage& memory, uint32_t chain,
            const std::unordered_map<uint32_t, uint32_t>& ways, bool is_in_table,
            bool is_chain_entered, uint64_t& steps_left)
      : object_(object),
        memory_(memory),
        chain_(chain),
        ways_(ways),
        is_in_table_(is_in_table),
        is_chain_entered_(is_chain_entered),
        steps_left_(steps_left) {}

  // The state after the host has called `function` of an instance in `state`, also if the call
  // traps; or why that is not known.
  tl::expected<WalkState, std::string_view> call(WalkState state, uint32_t function);

 private:
  class Activations;

  const Object& object_;
  const MemoryImage& memory_;
  uint32_t chain_;
  const std::unordered_map<uint32_t, uint32_t>& ways_;
  bool is_in_table_;
  bool is_chain_entered_;
  uint64_t& steps_left_;
};

}  // namespace wasmpack
