// What the index of a symbol means: the type of what it names and the import behind it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"

namespace wasmpack {

// Views into the facts, which must outlive it. Made in time linear in imports, functions and
// spaces; each answer takes constant time.
class SymbolTypes {
 public:
  explicit SymbolTypes(const Facts& facts);

  // "(i32)->i32", "mut i32", ...; empty for data and sections, and where the facts do not say it.
  std::string_view type_of(const SymbolFact& symbol) const;
  // The import behind an undefined symbol; null if there is none (data).
  const ImportFact* import_of(const SymbolFact& symbol) const;

 private:
  struct Entry {
    std::string_view type;
    const ImportFact* import = nullptr;
  };
  const Entry* find(const SymbolFact& symbol) const;

  std::array<std::vector<Entry>, 5> spaces_;  // by ExternKind, then index
};

}  // namespace wasmpack
