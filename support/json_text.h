// Values as JSON text, the way all of ours is written.
#pragma once

#include <string>
#include <string_view>

#include <llvm/Support/JSON.h>

namespace wasmpack {

// `text` for a string of JSON, which is UTF-8: names and paths need not be, and get bytes that are
// not escaped as \xNN, together with control characters.
std::string as_json_text(std::string_view text);

// One line without blanks and newline, the keys of an object sorted.
std::string compact_json(llvm::json::Value value);

}  // namespace wasmpack
