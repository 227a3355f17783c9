// What a function is called, from whatever the file has to tell.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "object/object.h"

namespace wasmpack {

class FunctionNames {
 public:
  // Of an object: from the symbol table. Of a finished module: from the `name` section, then
  // imports ("field"), then exports. Views into the object's bytes.
  explicit FunctionNames(const Object& object);

  // Empty if the function has no name.
  std::string_view find(uint32_t function) const {
    return function < names_.size() ? names_[function] : std::string_view();
  }
  // The first defined function of that name, or -1.
  int64_t find_defined(std::string_view name) const;
  // Whether a `name` section named functions (objects: whether there are symbols).
  bool has_names() const { return has_names_; }

 private:
  std::vector<std::string_view> names_;  // by function index
  uint32_t first_defined_;
  bool has_names_ = false;
};

}  // namespace wasmpack
