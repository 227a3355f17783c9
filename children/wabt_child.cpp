// The child program wasmpack-wabt: validates modules with wabt, in a process of its own, since wabt
// asserts on some damaged modules.
//
// Standard input is a file; the argument names another with the offset and size of each module in
// it, 64-bit little-endian numbers. Standard output gets one line for each: "valid", or what is
// wrong first, "0x1f4: text". Exit code 0; 3 if wabt crashed on the module that has no line; 2 for
// input that cannot be read.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wabt/binary-reader-nop.h>
#include <wabt/binary-reader.h>
#include <wabt/error.h>
#include <wabt/feature.h>
#include <wabt/interp/binary-reader-interp.h>
#include <wabt/interp/interp.h>

namespace {

// "0x1f4: text", one line whatever stands in the text.
std::string describe(const wabt::Error& error) {
  std::string line;
  char place[32];
  if (error.loc.offset != wabt::kInvalidOffset) {
    std::snprintf(place, sizeof place, "0x%zx: ", error.loc.offset);
    line = place;
  }
  line += error.message;
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  return line;
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
    if (first_error_.empty()) first_error_ = describe(error);
    return true;
  }
  const std::string& first_error() const { return first_error_; }

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
  std::string first_error_;
};

// All that is final in wabt 1.0.32, or as good as. Its typed function references and its gc are
// not: with them it finds `ref.func` of another type than valid modules need.
wabt::ReadBinaryOptions make_options() {
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
  return {features, nullptr, read_debug_names, stop_on_first_error, fail_on_custom_section_error};
}

// "valid", or the first problem.
std::string validate(const uint8_t* bytes, size_t size) {
  const wabt::ReadBinaryOptions options = make_options();
  // The interpreter's reader, which validates while it reads: through wabt's tree of expressions
  // the same takes twice as long.
  wabt::Errors errors;
  wabt::interp::ModuleDesc module;
  if (wabt::Failed(
          wabt::interp::ReadBinaryInterp("module", bytes, size, options, &errors, &module)))
    return errors.empty() ? "not valid" : describe(errors.front());
  EndChecker ends;
  if (wabt::Succeeded(wabt::ReadBinary(bytes, size, &ends, options))) return "valid";
  return ends.first_error().empty() ? "code behind the end of a function" : ends.first_error();
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(STDOUT_FILENO, text.data(), text.size());
    if (done <= 0) std::_Exit(2);
    text.remove_prefix(static_cast<size_t>(done));
  }
}

extern "C" void end_after_crash(int /*signal*/) { std::_Exit(3); }

// A crash is an answer, too: those of the modules before it have been written.
void catch_crashes() {
  static char stack[1 << 16];  // the usual one may have overflowed
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action = {};
  action.sa_handler = end_after_crash;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGXCPU})
    ::sigaction(signal, &action, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  catch_crashes();
  struct stat status;
  if (::fstat(STDIN_FILENO, &status) != 0) return 2;
  const auto size = static_cast<uint64_t>(status.st_size);
  const uint8_t* file = nullptr;
  if (size != 0) {
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (mapped == MAP_FAILED) return 2;
    file = static_cast<const uint8_t*>(mapped);
  }
  std::FILE* table = std::fopen(argv[1], "rb");
  if (table == nullptr) return 2;
  for (uint64_t range[2]; std::fread(range, sizeof range, 1, table) == 1;) {
    if (range[0] > size || range[1] > size - range[0]) return 2;
    write_all(validate(file + range[0], range[1]) + "\n");
  }
  // Without taking anything down.
  std::_Exit(0);
}
