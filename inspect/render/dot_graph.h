// The ctor chain as Graphviz DOT, for `dot -Tsvg`.
#pragma once

#include <string>
#include <string_view>

#include "inspect/facts/facts.h"

namespace wasmpack {

// A DOT string, quotes included: control characters as "\xNN", so that a name can neither end the
// string nor drive a terminal, and cut if it is longer than anyone reads.
std::string quote_for_dot(std::string_view text);

// One digraph of all files, a cluster each.
class DotGraph {
 public:
  // Who calls the ctor chain, the constructors in order, and what they register. At most 200
  // callers, 1000 constructors and 1000 registrations; a node counts the rest.
  void add_chain(const Facts& facts);

  // The whole text. The same facts give the same bytes.
  std::string finish() &&;

 private:
  std::string text_;
  size_t clusters_ = 0;
};

}  // namespace wasmpack
