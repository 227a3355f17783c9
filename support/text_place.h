// Places in text files that people write (manifests, rules), and values that remember theirs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/diagnostic.h"

namespace wasmpack {

// Lines and columns count from 1; line 0 is the file as a whole.
struct TextPlace {
  uint32_t line = 0;
  uint32_t column = 0;
};

struct PlacedString {
  std::string text;
  TextPlace place;
};

// The location of a place in a text file: prints as "kernels.toml:3:7".
Location text_location(std::string_view path, TextPlace place);

}  // namespace wasmpack
