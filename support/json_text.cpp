#include "support/json_text.h"

#include <llvm/Support/raw_ostream.h>

#include "support/diagnostic.h"

namespace wasmpack {

std::string as_json_text(std::string_view text) {
  return llvm::json::isUTF8({text.data(), text.size()}) ? std::string(text) : escape_controls(text);
}

std::string compact_json(llvm::json::Value value) {
  // LLVM prints the keys of an object sorted, and without an indent no blanks.
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

}  // namespace wasmpack
