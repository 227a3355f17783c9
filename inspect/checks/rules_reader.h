// Reads rules.toml (docs/rules.md, schema 1).
#pragma once

#include <optional>
#include <string_view>

#include "inspect/checks/rules.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// Everything that is wrong goes to `sink`, id `bad-rules`; nothing is returned then. Work and
// memory are bounded for hostile text (support/toml_text.h).
std::optional<Rules> parse_rules(Bytes bytes, std::string_view path, DiagnosticSink& sink);

// "object", "module", ...; nothing for another word.
std::optional<WasmKind> parse_wasm_kind(std::string_view name);

}  // namespace wasmpack
