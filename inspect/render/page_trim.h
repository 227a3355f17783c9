// Facts cut to what a page can hold: a file with 300,000 symbols would make one that no browser
// opens.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "inspect/render/render.h"

namespace wasmpack {

// A list that was cut.
struct CutList {
  std::string_view name;  // "symbols", as in the JSON
  size_t shown;
  size_t of;
};

// Cuts lists to `max_items` each and names to some hundred bytes. Of symbols those that are
// undefined or exported stay first, then the largest; of functions the largest; of all else the
// first. Lists that the page does not show (comdats, relocations, problems that are findings too,
// sizes, which it has as a tree, and the call graph) go. What is left keeps its order.
std::vector<CutList> trim_for_page(Inspected& inspected, size_t max_items);

}  // namespace wasmpack
