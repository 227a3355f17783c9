// Finds names that occur more than once among very many.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wasmpack {

class RepeatedNames {
 public:
  void add(std::string_view name, uint32_t number);
  // The numbers of the names that an earlier one was equal to, ascending. Sorting, not a hash
  // table: names made to collide cost no time (a repetition among them may go unseen).
  std::vector<uint32_t> find();

 private:
  struct Entry {
    uint64_t hash;
    uint32_t number;
    std::string_view name;
  };
  std::vector<Entry> entries_;
};

}  // namespace wasmpack
