// One library of a bundle: first its files linked to one object as they are, then that object
// sealed, with its kernels under their names in the registry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "object/object.h"
#include "packager/heap.h"
#include "packager/kernels.h"
#include "packager/manifest.h"
#include "packager/pack_options.h"
#include "packager/tvm_library.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct Constructor {
  std::string symbol;
  uint32_t priority;  // as the library's objects say
};

// The custom section in which `link` records how an object was made: one JSON object a line.
inline constexpr std::string_view kLinkRecordSection = "wasmpack.lib";

// What is known of a library before the bundle is planned. `object` is a view of `bytes`, whose
// buffer moves along with the struct.
struct LinkedLibrary {
  uint32_t index = 0;  // in the manifest
  const LibraryRequest* request = nullptr;
  std::vector<std::string> files;         // as they were opened, in the order they are linked
  std::vector<std::string> input_hashes;  // sha256 of each of them
  std::vector<std::string> link_records;  // lines of the inputs' kLinkRecordSection
  std::vector<uint8_t> bytes;
  Object object;
  std::vector<std::string> keep_global;  // patterns: the manifest's, or what others want of it
  std::optional<TvmLibrary> tvm;
  HeapUse heap;
  std::vector<Kernel> kernels;
  std::vector<Constructor> constructors;  // in the order they run
  std::vector<std::string> features;      // of target_features, with their prefix, sorted

  const std::string& name() const { return request->name.text; }
  std::string title() const { return "library `" + name() + "`"; }
};

// Opens and links the files of library `index`, and chooses its kernels. A library that serves the
// others (packager/serving_library.h) is asked for the names `wanted`, which take the place of its
// keep-global; for others that is null. Problems go to `sink`; then what is returned is not fit for
// sealing.
LinkedLibrary link_library(const Manifest& manifest, const PackOptions& options, uint32_t index,
                           const std::vector<std::string>* wanted, DiagnosticSink& sink);

// The defined symbols of `library` that other libraries see once it is sealed, by their names then.
// Views into it.
std::vector<std::string_view> list_visible_symbols(const LinkedLibrary& library);

// What the plan of the bundle says about one library.
struct SealingPlan {
  std::vector<std::string> shared;  // symbols that stay global because other libraries need them
  std::vector<std::pair<std::string, std::string>> redirects;  // undefined symbol -> other symbol
  std::vector<std::pair<uint32_t, std::string>> exposed;       // function -> a global name of it
  // What the library registers under another name: the number of the registration, and the data
  // symbol of the new name.
  std::vector<std::pair<uint32_t, std::string>> new_names;
  std::vector<std::string> registrars;  // the functions it registers with, after the redirects
  std::vector<uint32_t> priorities;     // of the constructors, in the order they run
  std::string kernel_prefix;            // what stands before a kernel's registry name in its symbol
};

struct SealedLibrary {
  std::vector<uint8_t> bytes;  // the object for the final link
  Object object;               // its parsed view
};

// Problems go to `sink`; then what is returned is not fit for a final link.
SealedLibrary seal_library(const LinkedLibrary& library, const SealingPlan& plan,
                           DiagnosticSink& sink);

// The functions of the runtime that run the whole chain, once: for calls from within the bundle,
// where it takes the place of __wasm_call_ctors in libraries, and for calls from the host.
inline constexpr std::string_view kRunConstructors = "__wasmpack_initialize";
inline constexpr std::string_view kRunConstructorsForHost = "__wasmpack_initialize_from_host";

}  // namespace wasmpack
