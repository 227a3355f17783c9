// Which functions of a module can be run from given ones.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "object/object.h"

namespace wasmpack {

// Follows call, return_call and ref.func (a function whose reference is taken counts as called).
// Indirect calls are covered by add_references(). Linear in the size of the bodies that are
// reached, each read once.
class CallReach {
 public:
  explicit CallReach(const Object& module);

  // Before run(): where to begin; what is not entered, though it may be reached.
  void add_root(uint32_t function);
  void block(uint32_t function);
  // All functions in element segments and in the initial values of tables and globals are roots.
  void add_references();

  void run();

  bool is_reached(uint32_t function) const { return parents_[function] != kUnreached; }
  // The functions from the root to a function that is reached, both included.
  std::vector<uint32_t> list_path(uint32_t function) const;
  // A function that was entered and not understood to its end: it may reach anything.
  std::optional<uint32_t> unknown() const { return unknown_; }

 private:
  static constexpr uint32_t kUnreached = UINT32_MAX;

  void reach(uint32_t function, uint32_t parent);
  void read_body(uint32_t function);

  const Object& module_;
  std::vector<uint32_t> parents_;  // by function; of a root itself
  std::vector<bool> is_blocked_;
  std::vector<uint32_t> queue_;
  std::optional<uint32_t> unknown_;
};

}  // namespace wasmpack
