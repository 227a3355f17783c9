// What an engine's child process reads and answers. The interpreter (children/interpreter_call.cpp)
// and the scripts in runner/engines/ read and write the same.
//
// All numbers are u32, little endian, but where u64 stands; "sized" are a length and so many bytes.
//
// Standard input:
//   count of modules; each: sized bytes
//   warmup, repeat, inner, timeout in ms, 1 if imports answer zeros, most failed runs, most pages
//   count of calls; each:
//     module; sized kernel name; sized trampoline (runner/trampoline.h); library
//     failure sign (FailureSign); offset of the first result in the frame
//     count of imports; each: sized module, sized name, 1 if it is the memory, sized signature,
//       minimum, maximum (all ones: none) in pages
//     count of buffers; each: size, alignment, sized content,
//       count of patches; each: offset, buffer
//     frame: a buffer
//     count of outputs; each: buffer
//
// Standard output: sized name of the engine, then for each call
//     count of failures; each: run (all ones: no instance), function of the
//       module in which it happened (all ones: not known), sized kind, sized message
//     count of samples; each: u64 ns
//     u64 instructions of the last run (all ones: not counted)
//     1 and sized bytes of each output, or 0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runner/engine.h"

namespace wasmpack {

std::vector<uint8_t> encode_calls(std::span<const EngineCall> calls, const RunSettings& settings);

// Nothing if the answer is damaged: whoever made it has read a hostile module.
std::optional<std::vector<CallOutcome>> decode_outcomes(Bytes answer,
                                                        std::span<const EngineCall> calls);

}  // namespace wasmpack
