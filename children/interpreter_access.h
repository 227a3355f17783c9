// What the verbs of wasmpack-interpreter need of wabt's interpreter, and how they give up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <wabt/feature.h>
#include <wabt/interp/interp.h>

constexpr uint32_t kNoFunction = UINT32_MAX;
// Calls that may be open at once. wabt's own limit of 1638 is less than engines allow.
constexpr size_t kCallDepth = 10'000;

// Where the run is, for messages: also for those that are written when memory has run out.
struct Position {
  uint32_t constructor = kNoFunction;
  uint32_t function = kNoFunction;
};
extern Position position;

// Ends the process: exit code 1, and "KIND CONSTRUCTOR FUNCTION DETAIL" on standard error.
[[noreturn]] void refuse(const char* kind, const char* detail = "");

// What the interpreter implements; wabt has no such list, and asserts on the rest.
wabt::Features interpreter_features();

// Refuses a module that is not valid or has other features.
wabt::interp::ModuleDesc read_module(const std::vector<uint8_t>& bytes,
                                     const wabt::Features& features);

// Zeros, and null for references.
wabt::interp::Value make_zero(wabt::interp::ValueType type);
wabt::interp::Values make_zeros(const wabt::interp::ValueTypes& types);

// Bounds the module's memories to so many pages and its tables to a fixed size: one that would grow
// beyond fails to grow, as in an engine that has no more. Refuses a module that begins with more.
void bound_module(wabt::interp::ModuleDesc& module, uint64_t pages);

// wabt 1.0.32 has no public way to start a function without running it to its end, nor to see the
// call stack. A reallocation of the frames while wabt holds a reference into them would be its end,
// hence its own check of their capacity.
std::vector<wabt::interp::Frame>& frames_of(wabt::interp::Thread& thread);
wabt::interp::RunResult push_call(wabt::interp::Thread& thread,
                                  const wabt::interp::DefinedFunc& function,
                                  wabt::interp::Trap::Ptr* trap);
void push_values(wabt::interp::Thread& thread, const wabt::interp::ValueTypes& types,
                 const wabt::interp::Values& values);
void pop_values(wabt::interp::Thread& thread, const wabt::interp::ValueTypes& types,
                wabt::interp::Values* values);
