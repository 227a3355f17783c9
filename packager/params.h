// The params of a bundle: weights and tables, read from files, embedded as data or delivered beside
// the bundle.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "packager/manifest.h"
#include "packager/pack_options.h"
#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

struct Param {
  const ParamRequest* request = nullptr;
  InputFile file;
  Bytes content;       // the slice of the file
  std::string hash;    // sha256 of the content
  std::string symbol;  // of the embedded data; empty if it is delivered beside the bundle
  // External: the file's name beside the bundle, made of the param's name.
  std::string external_name;
};

// Opens the files of `manifest`'s params and holds them against shape and sha256. Sorted by name,
// bytewise. Problems go to `sink`.
std::vector<Param> open_params(const Manifest& manifest, const PackOptions& options,
                               DiagnosticSink& sink);

// An object that defines the data of the embedded ones; empty if there are none.
std::vector<uint8_t> make_params_object(std::span<const Param> params);

}  // namespace wasmpack
