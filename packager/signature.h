// Function types as the registry, the manifest and messages write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

// "params:results", one letter for each value: i i32, I i64, f f32, F f64, v v128, x externref,
// p funcref (docs/bundle-abi.md). Nothing for a type that has none.
std::optional<std::string> signature_letters(const FuncType& type);

// "i32" for the letter i, and so on; "?" for what is no letter of a signature.
std::string_view letter_type_name(char letter);

// The encoded form of a signature in those letters.
class EncodedType {
 public:
  explicit EncodedType(std::string_view letters);
  // Valid as long as this object.
  FuncType view() const { return {.params = params_, .results = results_}; }

 private:
  std::vector<uint8_t> params_, results_;
};

// "(i32,i32)->(f32)", as the manifest writes it; value types without a name are "?".
std::string type_text(const FuncType& type);

// The same for the letters of a signature.
std::string letters_text(std::string_view letters);

// The letters for a type in the manifest's notation; blanks do not matter. Nothing if it is no
// type.
std::optional<std::string> parse_type_text(std::string_view text);

}  // namespace wasmpack
