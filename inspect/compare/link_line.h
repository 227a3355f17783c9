// Which archive members a link takes, when files are given to a linker in this order.
//
// As wasm-ld does: objects take part; a member does when a strong undefined symbol names something
// that it defines, wherever its archive stands; the first archive that defines a name gives it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/compare/compared_file.h"

namespace wasmpack {

struct LineInput {
  uint32_t file;    // position in the list of files
  uint32_t member;  // position in ComparedFile::members
  bool is_taken = false;
  // What pulled a member: the input (position in LinkLine::inputs; nothing if it was a root) and
  // the symbol that it wanted. Empty for objects, which nothing need pull.
  std::optional<uint32_t> puller;
  std::string_view symbol;
};

struct LinkLine {
  std::vector<LineInput> inputs;  // in the order of the files and their members
};

// `roots` are names that the final link is told to want (--entry, --export, --undefined). They, and
// what the files' facts point into, must outlive the result. Linear in the number of symbols.
LinkLine follow_link_line(std::span<const ComparedFile> files, std::span<const std::string> roots);

}  // namespace wasmpack
