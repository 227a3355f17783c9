#include "children/interpreter_access.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <wabt/binary-reader.h>
#include <wabt/cast.h>
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
struct PopValues {
  using Member = void (Thread::*)(const ValueTypes&, Values*);
  friend Member get_member(PopValues);
};
template struct Expose<PopValues, &Thread::PopValues>;
template struct Expose<Frames, &Thread::frames_>;
template struct Expose<PushCall, &Thread::PushCall>;
template struct Expose<PushValues, &Thread::PushValues>;

// Entries to which tables may grow; larger ones are refused.
constexpr uint64_t kTableEntries = 1 << 20;

// A memory or table that would grow beyond fails to grow, as in an engine that has no more.
void bound(wabt::Limits& limits, uint64_t most) {
  if (limits.initial > most) refuse("memory");
  limits.max = limits.has_max ? std::min(limits.max, most) : most;
  limits.has_max = true;
}

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

void pop_values(Thread& thread, const ValueTypes& types, Values* values) {
  (thread.*get_member(PopValues()))(types, values);
}

Value make_zero(ValueType type) {
  switch (static_cast<wabt::Type::Enum>(type)) {
    case ValueType::I32:
      return Value::Make(s32{0});
    case ValueType::I64:
      return Value::Make(s64{0});
    case ValueType::F32:
      return Value::Make(f32{0});
    case ValueType::F64:
      return Value::Make(f64{0});
    case ValueType::V128:
      return Value::Make(v128{});
    default:
      return Value::Make(Ref::Null);
  }
}

Values make_zeros(const ValueTypes& types) {
  Values values;
  for (const ValueType type : types) values.push_back(make_zero(type));
  return values;
}

void bound_module(ModuleDesc& module, uint64_t pages) {
  for (MemoryDesc& memory : module.memories) bound(memory.type.limits, pages);
  for (TableDesc& table : module.tables) bound(table.type.limits, kTableEntries);
  for (ImportDesc& import : module.imports) {
    if (import.type.type->kind == ExternKind::Memory)
      bound(wabt::cast<MemoryType>(import.type.type.get())->limits, pages);
    if (import.type.type->kind == ExternKind::Table)
      bound(wabt::cast<TableType>(import.type.type.get())->limits, kTableEntries);
  }
}
