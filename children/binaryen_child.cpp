// The child program wasmpack-binaryen: optimizes the module on standard input with Binaryen's
// default passes, in a process of its own, since Binaryen ends the process over what it cannot
// read.
//
// Its arguments are those of wasm-opt that we use, so that a wasm-opt can take its place:
// INPUT -o - -O1|-O2|-O3|-O4|-Os|-Oz [-g] --mvp-features --enable-FEATURE...
//
// Exit code 0: the optimized module is on standard output; 1: the module cannot be read or is not
// valid; 3: features that this Binaryen does not know, one option a line on standard error; 2: any
// other argument.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <binaryen-c.h>

#include "children/standard_input.h"

namespace {

struct Level {
  const char* option;
  int optimize;
  int shrink;
};
constexpr Level kLevels[] = {{"-O1", 1, 0}, {"-O2", 2, 0}, {"-O3", 3, 0},
                             {"-O4", 4, 0}, {"-Os", 2, 1}, {"-Oz", 2, 2}};

struct Feature {
  const char* option;
  BinaryenFeatures (*bit)();
};
// What version 108 has as it became part of the standard. Left out are its drafts: gc and typed
// references, 64-bit memories (without 64-bit tables), and relaxed-simd, whose opcodes were
// renumbered since.
constexpr Feature kFeatures[] = {
    {"--enable-threads", BinaryenFeatureAtomics},
    {"--enable-bulk-memory", BinaryenFeatureBulkMemory},
    {"--enable-exception-handling", BinaryenFeatureExceptionHandling},
    {"--enable-extended-const", BinaryenFeatureExtendedConst},
    {"--enable-multivalue", BinaryenFeatureMultivalue},
    {"--enable-mutable-globals", BinaryenFeatureMutableGlobals},
    {"--enable-nontrapping-float-to-int", BinaryenFeatureNontrappingFPToInt},
    {"--enable-reference-types", BinaryenFeatureReferenceTypes},
    {"--enable-sign-ext", BinaryenFeatureSignExt},
    {"--enable-simd", BinaryenFeatureSIMD128},
    {"--enable-tail-call", BinaryenFeatureTailCall},
};

}  // namespace

int main(int argc, char** argv) {
  BinaryenFeatures features = BinaryenFeatureMVP();
  bool knows_all = true;
  BinaryenSetDebugInfo(false);
  for (int i = 4; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto* level = std::find_if(std::begin(kLevels), std::end(kLevels),
                                     [&](const Level& entry) { return argument == entry.option; });
    if (level != std::end(kLevels)) {
      BinaryenSetOptimizeLevel(level->optimize);
      BinaryenSetShrinkLevel(level->shrink);
    } else if (argument == "-g") {
      BinaryenSetDebugInfo(true);
    } else if (argument.rfind("--enable-", 0) == 0) {
      const auto* feature =
          std::find_if(std::begin(kFeatures), std::end(kFeatures),
                       [&](const Feature& entry) { return argument == entry.option; });
      if (feature == std::end(kFeatures)) {
        std::fprintf(stderr, "%s\n", argument.c_str());
        knows_all = false;
      } else {
        features |= feature->bit();
      }
    } else if (argument != "--mvp-features") {
      std::fprintf(stderr, "unknown argument %s\n", argument.c_str());
      return 2;
    }
  }
  if (!knows_all) return 3;

  // Each thread of Binaryen's reserves address space, which is limited; passes work on functions
  // one by one, so that their number changes no byte.
  const unsigned kMostThreads = 16;
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  ::setenv("BINARYEN_CORES", std::to_string(threads).c_str(), 1);

  std::vector<uint8_t> input = read_standard_input();
  BinaryenModuleRef module =
      BinaryenModuleRead(reinterpret_cast<char*>(input.data()), input.size());
  BinaryenModuleSetFeatures(module, features);
  if (!BinaryenModuleValidate(module)) return 1;
  BinaryenModuleOptimize(module);
  if (!BinaryenModuleValidate(module)) return 1;
  const BinaryenModuleAllocateAndWriteResult result =
      BinaryenModuleAllocateAndWrite(module, nullptr);
  const bool done = std::fwrite(result.binary, 1, result.binaryBytes, stdout) == result.binaryBytes;
  // Without taking the module down: that takes as long as writing it.
  if (std::fflush(stdout) != 0 || !done) std::_Exit(1);
  std::_Exit(0);
}
