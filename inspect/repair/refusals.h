// Modules that cannot be repaired, or need not be: the reasons that the facts alone tell.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/facts/facts.h"
#include "object/object.h"
#include "support/diagnostic.h"

namespace wasmpack {

// `name` as it stands in messages: quoted, and not longer than one wants to read.
std::string quote_name(std::string_view name);

// An error of the file of `facts`: it cannot be repaired; nothing is wrong with it.
tl::unexpected<Diagnostic> refuse_fix(const Facts& facts, std::string reason, std::string help);
tl::unexpected<Diagnostic> nothing_to_fix(const Facts& facts, std::string reason,
                                          std::string help = {});

// The first reason not to repair that module; nothing if its ctor chain is known and has
// constructors.
std::optional<Diagnostic> find_refusal(const Object& module, const Facts& facts);

// The way out where wasm-ld must do it again.
inline constexpr std::string_view kRelink =
    "link it again with crt1-reactor.o, or with an object that `wasmpack link --init-guard` made: "
    "then wasm-ld makes no wrappers, and `_initialize` runs the constructors";

}  // namespace wasmpack
