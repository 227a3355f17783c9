// The command line of `wasmpack pack`.
#pragma once

#include <string>
#include <vector>

#include "packager/oci_artifact.h"
#include "packager/pack_options.h"
#include "tools/report.h"

namespace CLI {
class App;
}

namespace wasmpack {

struct PackArguments {
  std::vector<std::string> files;  // one manifest, or libraries
  std::string output;
  std::vector<std::string> kernels;
  std::string depfile, map;
  std::string list_keys;  // text | markdown: print the keys of manifests and end
  std::string oci;        // the folder of a layout
  OciOptions oci_options;
  bool init = false;
  bool verbose = false;
  unsigned threads = 0;
  PackOptions pack;
  ReportOptions report;
};

void add_pack_options(CLI::App& app, PackArguments& arguments);

}  // namespace wasmpack
