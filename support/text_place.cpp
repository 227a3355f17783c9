#include "support/text_place.h"

namespace wasmpack {

Location text_location(std::string_view path, TextPlace place) {
  Location where;
  where.file = path;
  if (place.line != 0) {
    where.file += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
    where.order = place.line;  // a file's errors come in the order of its lines
  }
  return where;
}

}  // namespace wasmpack
