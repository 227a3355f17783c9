// Libraries of LLVM bitcode: their files become one object, compiled by LLVM's link-time
// optimization in a child program, before they are linked and sealed as others are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "linker/link.h"
#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct NamedBytes {
  std::string name;  // for messages: "libx.a(y.o)"
  Bytes bytes;
};

// Whether `bytes` begin as LLVM bitcode does, raw or with the wrapper header.
bool is_bitcode(Bytes bytes);

// Links the bitcode files in their order, optimizes them as one program (-O2), and compiles them to
// one wasm object. As in a link of the objects that the files would have become one by one, every
// definition that is not local to its file stays, with its visibility, its comdat, its export name
// and whether it is marked as used; constructors keep priorities and order; each function and each
// variable is a unit of its own for garbage collection. Bitcode of -flto=thin is compiled like that
// of -flto.
//
// Nothing is returned after an error: a file for another machine, damaged or of a newer LLVM, a
// symbol that two files define, a compiler that fails. The bytes depend on the content of the files
// and on their order only.
std::optional<std::vector<uint8_t>> compile_bitcode(std::span<const NamedBytes> files,
                                                    DiagnosticSink& sink);

// The inputs of a library with objects in place of bitcode; nothing if there is none among them, or
// after an error. An archive of bitcode members counts as those members; one that has both kinds,
// or whose members are linked on demand, is an error. Bitcode files that stand side by side become
// one object in their place, so that the order of constructors and of weak definitions stays what
// the order of the inputs says.
std::optional<std::vector<LinkInput>> compile_bitcode_inputs(const std::vector<LinkInput>& inputs,
                                                             DiagnosticSink& sink);

}  // namespace wasmpack
