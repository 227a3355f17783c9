#include "linker/merged_types.h"

#include <unordered_map>

namespace wasmpack {
namespace {

// Value types are one byte each here (input.cpp refuses others), so this is unambiguous.
std::string key_of(const FuncType& type) {
  std::string key(as_string(type.params));
  key += '\0';
  key += as_string(type.results);
  return key;
}

}  // namespace

MergedTypes merge_types(const std::vector<Input>& inputs) {
  MergedTypes merged;
  merged.numbers.resize(inputs.size());
  std::unordered_map<std::string, uint32_t> seen;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (const FuncType& type : inputs[i].object.types) {
      const auto [at, inserted] =
          seen.emplace(key_of(type), static_cast<uint32_t>(merged.types.size()));
      if (inserted) merged.types.push_back(type);
      merged.numbers[i].push_back(at->second);
    }
  }
  return merged;
}

std::string format_value_types(Bytes types) {
  std::string text;
  for (const uint8_t type : types) {
    if (!text.empty()) text += ", ";
    switch (type) {
      case 0x7f:
        text += "i32";
        break;
      case 0x7e:
        text += "i64";
        break;
      case 0x7d:
        text += "f32";
        break;
      case 0x7c:
        text += "f64";
        break;
      case 0x7b:
        text += "v128";
        break;
      case 0x70:
        text += "funcref";
        break;
      case 0x6f:
        text += "externref";
        break;
      case 0x69:
        text += "exnref";
        break;
      default:
        text += "type " + std::to_string(type);
        break;
    }
  }
  return text;
}

std::string format_type(const FuncType& type) {
  std::string text = "(" + format_value_types(type.params) + ") -> ";
  if (type.results.size() == 1) return text + format_value_types(type.results);
  return text + "(" + format_value_types(type.results) + ")";
}

}  // namespace wasmpack
