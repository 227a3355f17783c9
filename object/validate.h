// Validates modules with wabt, in a child program: wabt asserts on some damaged ones.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

enum class ModuleState : uint8_t {
  valid,
  invalid,
  not_validated,  // nobody can tell: wabt 1.0.32 does not know what stands there, or failed itself
};

struct Validation {
  ModuleState state = ModuleState::not_validated;
  std::string message;             // why it is not valid, in wabt's words; empty if it is
  std::optional<uint64_t> offset;  // from the start of the module, where wabt names a place
  // Of one that is not validated: our own reader knows every section, type and instruction.
  bool is_understood = false;
  // Of one that is not validated: the child program is missing or failed.
  std::optional<Diagnostic> failure;
};

// A module in a file.
struct ModuleRange {
  uint64_t offset;
  uint64_t size;
};

// One answer for each range, which must lie in `file`. All final proposals that wabt 1.0.32 has are
// on. A module with an instruction, type or section that wabt does not know is not validated, and
// never called invalid. Custom sections are no matter of validity.
std::vector<Validation> validate_modules(Bytes file, std::span<const ModuleRange> modules);
Validation validate_module(Bytes module);

// The same while this thread does something else. The bytes must stay until wait() is back.
class BackgroundValidation {
 public:
  BackgroundValidation(Bytes file, std::vector<ModuleRange> modules);
  ~BackgroundValidation();
  BackgroundValidation(const BackgroundValidation&) = delete;
  BackgroundValidation& operator=(const BackgroundValidation&) = delete;

  std::vector<Validation> wait();

 private:
  Bytes file_;
  std::vector<ModuleRange> modules_;
  std::vector<Validation> results_;
  std::thread thread_;
};

}  // namespace wasmpack
