// Names of wasm files as JSON, which is UTF-8 while they need not be.
#pragma once

#include <optional>
#include <string_view>

#include <llvm/Support/JSON.h>

namespace wasmpack {

inline llvm::StringRef to_ref(std::string_view text) { return {text.data(), text.size()}; }

// Bytes that are no UTF-8 become "\xNN".
void write_json_string(llvm::json::OStream& json, llvm::StringRef key, std::string_view text);

// null where there is no value.
template <class T>
void write_json_optional(llvm::json::OStream& json, llvm::StringRef key,
                         const std::optional<T>& value) {
  if (value)
    json.attribute(key, *value);
  else
    json.attribute(key, nullptr);
}

}  // namespace wasmpack
