// The child program wasmpack-wabt: validates the module on standard input with wabt, in a process
// of its own, since wabt asserts on some damaged modules.
//
// Exit code 0: valid; 1: not, with one line a problem on standard error ("0x1f4: text").
#include <cstdint>
#include <cstdio>
#include <vector>

#include <wabt/binary-reader-ir.h>
#include <wabt/binary-reader.h>
#include <wabt/error.h>
#include <wabt/feature.h>
#include <wabt/ir.h>
#include <wabt/validator.h>

#include "packager/child/standard_input.h"

namespace {

void print_errors(const wabt::Errors& errors) {
  for (const wabt::Error& error : errors) {
    if (error.loc.offset != wabt::kInvalidOffset) std::fprintf(stderr, "0x%zx: ", error.loc.offset);
    std::fprintf(stderr, "%s\n", error.message.c_str());
  }
}

}  // namespace

int main() {
  const std::vector<uint8_t> bytes = read_standard_input();
  // All that is final in wabt 1.0.32, or as good as. Its typed function references and its gc are
  // not: with them it finds `ref.func` of another type than valid modules need.
  wabt::Features features;
  features.enable_exceptions();
  features.enable_threads();
  features.enable_tail_call();
  features.enable_extended_const();
  features.enable_relaxed_simd();
  features.enable_multi_memory();
  features.enable_memory64();
  const bool read_debug_names = false;
  const bool stop_on_first_error = true;
  const bool fail_on_custom_section_error = false;
  const wabt::ReadBinaryOptions options(features, nullptr, read_debug_names, stop_on_first_error,
                                        fail_on_custom_section_error);
  wabt::Errors errors;
  wabt::Module module;
  bool valid = wabt::Succeeded(
      wabt::ReadBinaryIr("bundle", bytes.data(), bytes.size(), options, &errors, &module));
  if (valid) {
    const wabt::ValidateOptions validate_options(features);
    valid = wabt::Succeeded(wabt::ValidateModule(&module, &errors, validate_options));
  }
  print_errors(errors);
  return valid ? 0 : 1;
}
