// `wasmpack link` for other commands.
#pragma once

#include <string>
#include <vector>

namespace wasmpack {

// As run_link() (tools/command.h), and adds the files that were read, the inputs first, to
// `read_files`; nothing if the command line was wrong.
int run_link(int argc, char** argv, std::vector<std::string>& read_files);

}  // namespace wasmpack
