// Writes the commands by which colliding names are parted.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/compare/compared_file.h"

namespace wasmpack {

// `text` as one word of a POSIX shell; control characters and what is no ASCII as bash's $'\xNN'.
std::string quote_for_shell(std::string_view text);

// How one file of several is told from the others: names that no two files share.
struct PartedFile {
  std::string path;
  std::string tag;     // "conv" of "build/conv.o"; good for the beginning of a symbol
  std::string output;  // "build/conv_parted.o"
};
std::vector<PartedFile> name_parted_files(std::span<const ComparedFile> files);

// "wasmpack link OPTIONS build/conv.o -o build/conv_parted.o". The options are quoted here.
std::string make_link_command(const PartedFile& file, std::span<const std::string> options);

// The option that takes `symbol` out of the way of the same name elsewhere. A name too long for a
// command line, or with NUL in it, is taken out by --prefix-symbols.
std::string localize_option(const PartedFile& file, std::string_view symbol);
std::string rename_option(const PartedFile& file, std::string_view symbol);
std::string unexport_option(const PartedFile& file, std::string_view symbol);
std::string prefix_option(const PartedFile& file);

// A string of TOML, quoted.
std::string quote_for_toml(std::string_view text);

}  // namespace wasmpack
