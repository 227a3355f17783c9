// One library of a bundle: its files linked to one object, sealed, its kernels renamed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "packager/heap.h"
#include "packager/kernels.h"
#include "packager/manifest.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct Constructor {
  std::string symbol;
  uint32_t priority;  // as the library's objects say
};

// The custom section in which `link` records how an object was made: one JSON object a line.
inline constexpr std::string_view kLinkRecordSection = "wasmpack.lib";

struct PreparedLibrary {
  std::string name;
  std::string prefix;
  std::vector<std::string> input_hashes;  // sha256 of each file, in the order they are linked
  std::vector<std::string> link_records;  // lines of the inputs' kLinkRecordSection
  std::vector<Kernel> kernels;
  std::vector<Constructor> constructors;  // in the order they run; see prepare_libraries()
  HeapUse heap;                           // function indices in it are those before sealing
  std::vector<std::string> features;      // of target_features, with their prefix, sorted
  std::vector<uint8_t> bytes;             // the object for the final link
  Object object;                          // its parsed view
};

// The place of constructors in a bundle's chain. Their order is the order of the libraries, and
// within one library that of its priorities: each library's functions get priorities above those of
// all libraries before it.
struct CtorNumbers {
  uint32_t next_priority = 0;
  bool has_room(size_t constructors) const { return constructors < UINT32_MAX - next_priority; }
};

// The function of the runtime that takes the place of __wasm_call_ctors in libraries: it runs the
// whole chain, once.
inline constexpr std::string_view kRunConstructors = "__wasmpack_initialize";

// Links, chooses the kernels, seals and renames. `index` is the library's place in the manifest. A
// library that serves the others (packager/serving_library.h) gets the names `wanted` of it, which
// take the place of its keep-global; for others that is null. Problems go to `sink`; then what is
// returned is not fit for a final link. The address of the result must not change: `object` points
// into `bytes`, whose buffer moves along.
PreparedLibrary prepare_library(const Manifest& manifest, uint32_t index,
                                const std::vector<std::string>* wanted, DiagnosticSink& sink);

}  // namespace wasmpack
