// The child program wasmpack-wabt: validates the module on standard input with wabt, in a process
// of its own, since wabt asserts on some damaged modules.
//
// Exit code 0: valid; 1: not, with one line a problem on standard error ("0x1f4: text").
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <wabt/binary-reader-nop.h>
#include <wabt/binary-reader.h>
#include <wabt/error.h>
#include <wabt/feature.h>
#include <wabt/interp/binary-reader-interp.h>
#include <wabt/interp/interp.h>

#include "children/standard_input.h"

namespace {

void print_error(const wabt::Error& error) {
  if (error.loc.offset != wabt::kInvalidOffset) std::fprintf(stderr, "0x%zx: ", error.loc.offset);
  std::fprintf(stderr, "%s\n", error.message.c_str());
}

// The interpreter's reader lets code pass that stands behind a function's last `end`.
class EndChecker : public wabt::BinaryReaderNop {
 public:
  wabt::Result BeginFunctionBody(wabt::Index /*index*/, wabt::Offset /*size*/) override {
    in_body_ = true;
    open_ = 1;
    return wabt::Result::Ok;
  }
  wabt::Result EndFunctionBody(wabt::Index /*index*/) override {
    in_body_ = false;
    return wabt::Result::Ok;
  }
  wabt::Result OnBlockExpr(wabt::Type /*type*/) override { return open(); }
  wabt::Result OnLoopExpr(wabt::Type /*type*/) override { return open(); }
  wabt::Result OnIfExpr(wabt::Type /*type*/) override { return open(); }
  wabt::Result OnTryExpr(wabt::Type /*type*/) override { return open(); }
  wabt::Result OnDelegateExpr(wabt::Index /*depth*/) override { return close(); }
  wabt::Result OnEndExpr() override { return close(); }
  bool OnError(const wabt::Error& error) override {
    print_error(error);
    return true;
  }

 private:
  wabt::Result open() {
    ++open_;
    return wabt::Result::Ok;
  }
  // The `end` of an initializer, outside of functions, ends nothing that was opened.
  wabt::Result close() {
    if (!in_body_) return wabt::Result::Ok;
    return open_-- != 0 ? wabt::Result::Ok : wabt::Result::Error;
  }

  bool in_body_ = false;
  uint64_t open_ = 0;  // blocks, and the function itself
};

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
  // The interpreter's reader, which validates while it reads: through wabt's tree of expressions
  // the same takes twice as long.
  wabt::Errors errors;
  wabt::interp::ModuleDesc module;
  bool valid = wabt::Succeeded(wabt::interp::ReadBinaryInterp("bundle", bytes.data(), bytes.size(),
                                                              options, &errors, &module));
  for (const wabt::Error& error : errors) print_error(error);
  if (valid) {
    EndChecker ends;
    valid = wabt::Succeeded(wabt::ReadBinary(bytes.data(), bytes.size(), &ends, options));
  }
  // Without taking the module down.
  std::fflush(stderr);
  std::_Exit(valid ? 0 : 1);
}
