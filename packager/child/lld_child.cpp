// The child program wasmpack-lld: one final link by lld, in a process of its own, since lld may
// exit, abort or loop on damaged input.
//
// Standard input has the arguments of wasm-ld, each ended by a NUL byte: there may be more of them
// than a command line takes. Files are inherited descriptors, named /proc/self/fd/N. The exit code
// is lld's.
#include <string>
#include <vector>

#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>

#include "packager/child/standard_input.h"

LLD_HAS_DRIVER(wasm)

int main() {
  const std::vector<uint8_t> bytes = read_standard_input();
  const std::string text(bytes.begin(), bytes.end());
  std::vector<const char*> arguments = {"wasm-ld"};
  for (size_t at = 0; at < text.size(); at += std::char_traits<char>::length(&text[at]) + 1)
    arguments.push_back(&text[at]);
  // With exitEarly the driver ends the process itself, without taking its tables down first.
  const bool done = lld::wasm::link(arguments, llvm::outs(), llvm::errs(), /*exitEarly=*/true,
                                    /*disableOutput=*/false);
  return done ? 0 : 1;
}
