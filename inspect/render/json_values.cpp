#include "inspect/render/json_values.h"

#include "support/diagnostic.h"

namespace wasmpack {

void write_json_string(llvm::json::OStream& json, llvm::StringRef key, std::string_view text) {
  if (llvm::json::isUTF8(to_ref(text)))
    json.attribute(key, to_ref(text));
  else
    json.attribute(key, escape_controls(text));
}

}  // namespace wasmpack
