// The inputs of a link: objects, each from a file or from a member of an archive.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "linker/link.h"
#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// A symbol of an input, wherever it is defined.
struct SymbolRef {
  uint32_t input = UINT32_MAX;
  uint32_t symbol = UINT32_MAX;
  bool is_set() const { return input != UINT32_MAX; }
  auto operator<=>(const SymbolRef&) const = default;
};

// One object that takes part in the link. Once `open_inputs` returned, it does not change.
struct Input {
  Object object;
  uint32_t order = 0;  // of its file on the command line
  // When a linker that reads one after the other would come to it: its position among the inputs,
  // but for what lazy archives bring, where a member is read before those that it pulls and stands
  // behind them.
  uint32_t turn = 0;
  std::vector<uint8_t> uses;  // how relocations use each symbol: verify_object's bits
  // Symbols that stand for one of another input, whatever their name (init_guard.h); else empty.
  std::vector<SymbolRef> preset;

  // "libx.a(y.o)"
  std::string name() const { return input_name(object.file, object.member); }
  Location locate(std::string_view section = {}) const;
};

// Identifies, reads and verifies every input: objects as they are; archives by member, all of them
// or, for lazy archives, those that resolve a strong undefined symbol, in wasm-ld's order. Rust's
// lib.rmeta members are skipped. What cannot be linked is reported and left out. `wanted`: see
// LinkOptions.
std::vector<Input> open_inputs(const std::vector<LinkInput>& files,
                               std::span<const std::string> wanted, DiagnosticSink& sink);

// The positions of `inputs` by their turn: the order in which the first of equals wins.
std::vector<uint32_t> list_turns(const std::vector<Input>& inputs);

}  // namespace wasmpack
