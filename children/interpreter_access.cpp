#include "children/interpreter_access.h"

#include <cstdio>
#include <cstdlib>

#include <wabt/binary-reader.h>
#include <wabt/error.h>
#include <wabt/interp/binary-reader-interp.h>

using namespace wabt::interp;

namespace {

// The arguments of an explicit instantiation may name private members ([temp.spec]), so this takes
// them without changing wabt's headers.
template <class Tag, typename Tag::Member member>
struct Expose {
  friend typename Tag::Member get_member(Tag) { return member; }
};
struct Frames {
  using Member = std::vector<Frame> Thread::*;
  friend Member get_member(Frames);
};
struct PushCall {
  using Member = RunResult (Thread::*)(const DefinedFunc&, Trap::Ptr*);
  friend Member get_member(PushCall);
};
struct PushValues {
  using Member = void (Thread::*)(const ValueTypes&, const Values&);
  friend Member get_member(PushValues);
};
template struct Expose<Frames, &Thread::frames_>;
template struct Expose<PushCall, &Thread::PushCall>;
template struct Expose<PushValues, &Thread::PushValues>;

}  // namespace

Position position;

void refuse(const char* kind, const char* detail) {
  const auto print_index = [](uint32_t index) {
    if (index == kNoFunction)
      std::fputs(" -", stderr);
    else
      std::fprintf(stderr, " %u", index);
  };
  std::fputs(kind, stderr);
  print_index(position.constructor);
  print_index(position.function);
  std::fprintf(stderr, " %s\n", detail);
  std::fflush(stdout);  // what was found out before counts
  std::_Exit(1);
}

wabt::Features interpreter_features() {
  wabt::Features features;
  features.enable_exceptions();
  features.enable_threads();
  features.enable_tail_call();
  features.enable_extended_const();
  features.enable_relaxed_simd();
  return features;
}

ModuleDesc read_module(const std::vector<uint8_t>& bytes, const wabt::Features& features) {
  const bool read_debug_names = false;
  const bool stop_on_first_error = true;
  const bool fail_on_custom_section_error = false;
  const wabt::ReadBinaryOptions options(features, nullptr, read_debug_names, stop_on_first_error,
                                        fail_on_custom_section_error);
  wabt::Errors errors;
  ModuleDesc module;
  if (wabt::Failed(
          ReadBinaryInterp("module", bytes.data(), bytes.size(), options, &errors, &module))) {
    refuse("unreadable", errors.empty() ? "no message" : errors.front().message.c_str());
  }
  return module;
}

std::vector<Frame>& frames_of(Thread& thread) { return thread.*get_member(Frames()); }

RunResult push_call(Thread& thread, const DefinedFunc& function, Trap::Ptr* trap) {
  return (thread.*get_member(PushCall()))(function, trap);
}

void push_values(Thread& thread, const ValueTypes& types, const Values& values) {
  (thread.*get_member(PushValues()))(types, values);
}
