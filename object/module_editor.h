// Changes a finished module and leaves the rest of it as it is, byte for byte.
//
// Functions and globals are only appended, so nothing is renumbered and function bodies stay where
// they are in the CODE section, which is what debug information counts from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "object/object.h"

namespace wasmpack {

struct NewFunction {
  uint32_t type;              // type index
  std::vector<uint8_t> body;  // local declarations first
  std::string name;           // for the `name` section; empty: none
};

struct NewGlobal {
  GlobalType type;  // views that outlive the edit
  Bytes init;       // constant expression with its `end`
  std::string name;
};

struct ModuleEdits {
  std::vector<NewFunction> functions;          // the first is number Object::function_count()
  std::vector<NewGlobal> globals;              // likewise
  std::optional<std::vector<Export>> exports;  // in place of the module's
  std::optional<uint32_t> start;               // in place of the module's start function
  bool names_wasmpack = false;                 // record wasmpack in `producers` as processed-by
};

// The module with these changes. It must have a function if functions or a start function are
// added. Names are added to maps that the `name` section has already; a damaged section stays as it
// is.
std::vector<uint8_t> edit_module(const Object& module, const ModuleEdits& edits);

// Whether `count` more functions move the bodies within the CODE section: the number at its front
// keeps the bytes that it takes, but may need more.
bool moves_bodies(const Object& module, size_t count);

// `producers` of a module that wasmpack changes: it becomes the last value of processed-by.
std::vector<ProducerField> add_wasmpack_producer(std::vector<ProducerField> fields);

}  // namespace wasmpack
