// Runs the constructors of a module in the child program wasmpack-interpreter.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "object/object.h"
#include "packager/snapshot.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// What to do instead, for every refusal.
inline constexpr const char* kSnapshotHelp =
    "the init mode `initialize` runs the constructors in the host";

// The state of an instance after `_initialize`.
struct InstanceState {
  uint32_t pages = 0;  // of memory
  // One for each global: its value, little endian, zeros behind it.
  std::vector<std::array<uint8_t, 16>> globals;
  // The child's output. From runs_offset on it has the memory that is not zero, as runs of u32
  // address, u32 size and the bytes: ascending, apart, and inside the memory.
  std::vector<uint8_t> bytes;
  size_t runs_offset = 0;
  Bytes runs() const { return Bytes(bytes).subspan(runs_offset); }
};

// The name of a function for messages: "`name`" from the name section, else "function 12".
std::string function_label(const Object& module, uint32_t function);

// `module` passed the checks of take_snapshot().
Result<InstanceState> run_constructors(const Object& module, const SnapshotLimits& limits);

}  // namespace wasmpack
