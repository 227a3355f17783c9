// The command line of `wasmpack link`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/link.h"
#include "tools/report.h"

namespace wasmpack {

struct LinkArguments {
  struct InputName {
    std::string path;
    bool whole_archive;
  };
  std::vector<InputName> inputs;
  std::string output;  // empty: linked.o, and the name is printed
  LinkOptions link;
  unsigned threads = 0;  // 0: one per core
  std::string depfile, map, reproduce;
  bool verbose = false;
  ReportOptions report;
  std::vector<InputFile> list_files;  // read for options, such as --localize-symbols
  std::vector<std::string> words;     // the arguments, response files expanded, for --reproduce
};

// Parses argv (argv[0] is the command's name). Response files (@file) are expanded first. On
// failure, or after --help, the exit code is returned and everything is printed.
std::optional<int> parse_link_arguments(int argc, char** argv, LinkArguments& arguments);

}  // namespace wasmpack
