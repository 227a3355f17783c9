// The child program wasmpack-interpreter: runs code of the module on standard input in wabt's
// interpreter, in a process of its own, since wabt asserts on some damaged modules and the code may
// loop or eat memory.
//
//   wasmpack-interpreter snapshot CHAIN INSTRUCTIONS OUTPUT_BYTES
//
//   wasmpack-interpreter run CHAIN INSTRUCTIONS PAGES EXPORT...
//
// counts how often exported functions run the ctor chain (children/interpreter_run.h).
//
//   wasmpack-interpreter call
//
// calls kernels of bundles (children/interpreter_call.h).
//
// `snapshot` calls `_initialize` once and writes what it left behind. CHAIN is the index of the
// function that calls the constructors; INSTRUCTIONS and OUTPUT_BYTES are limits.
//
// Exit code 0: standard output has the state, little endian:
//   u32 pages of memory
//   u32 count of globals, and for each 16 bytes: its value, zeros behind it, zeros for a reference
//   for each run of memory, ascending: u32 address, u32 size, the bytes. All else is zero; runs lie
//   at least kRunHeader zero bytes apart.
// Exit code 1: it was refused, and one line on standard error says why:
//   KIND CONSTRUCTOR FUNCTION DETAIL
// with the index of the running constructor and of the innermost function, or "-" for none.
// packager/snapshot_run.cpp has the kinds and their messages.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <wabt/interp/interp.h>

#include "children/interpreter_access.h"
#include "children/interpreter_call.h"
#include "children/interpreter_run.h"
#include "children/standard_input.h"

namespace {

using namespace wabt::interp;

constexpr uint32_t kRunHeader = 8;  // bytes of a run's address and size
// One instance whose every import refuses, and a step by step run of one of its functions.
class Machine {
 public:
  // `chain`: the function whose callees are the constructors.
  Machine(const std::vector<uint8_t>& bytes, uint32_t chain)
      : features_(interpreter_features()), store_(features_), thread_(store_) {
    const Module::Ptr module = Module::New(store_, read_module(bytes, features_));
    RefVec imports;
    for (const ImportType& import : module->import_types()) {
      if (import.type->kind != ExternKind::Func) refuse("instantiate", "an import of a value");
      imports.push_back(make_import(import).ref());
    }
    Trap::Ptr trap;
    instance_ = Instance::Instantiate(store_, module.ref(), imports, &trap);
    if (!instance_) refuse("instantiate", trap->message().c_str());
    if (chain < instance_->funcs().size()) chain_ = instance_->funcs()[chain];
    // A reallocation while wabt holds a reference into it would be its end, hence its own check of
    // the capacity.
    frames().reserve(kCallDepth);
  }

  Store& store() { return store_; }
  Instance& instance() { return *instance_; }

  // Runs the exported function, at most so many instructions of it. `check` is called whenever a
  // constructor has returned, and at the end.
  template <class Check>
  void run(const char* name, uint64_t instructions, Check check) {
    Trap::Ptr trap;
    const DefinedFunc::Ptr function = find_function(name);
    if (push_call(thread_, *function, &trap) != RunResult::Ok) refuse("trap");
    size_t depth = 0;  // of the stack before the last instruction
    for (;; --instructions) {
      if (frames().size() != depth) {
        depth = frames().size();
        follow(check);
      }
      if (instructions == 0) stop("instructions", "");
      const RunResult result = thread_.Step(&trap);
      if (result == RunResult::Return) break;
      if (result == RunResult::Exception) stop("exception", "");
      if (result == RunResult::Trap) stop("trap", trap->message().c_str());
    }
    position = {};
    check();
  }

 private:
  std::vector<Frame>& frames() { return frames_of(thread_); }

  // The callback ends the process itself: after a tail call wabt would lose the trap.
  HostFunc::Ptr make_import(const ImportType& import) {
    return HostFunc::New(store_, *wabt::cast<FuncType>(import.type.get()),
                         [this, name = import.module + "." + import.name](
                             Thread&, const Values&, Values&, Trap::Ptr*) -> wabt::Result {
                           stop("import", name.c_str());
                         });
  }

  DefinedFunc::Ptr find_function(const char* name) {
    const Module::Ptr module(store_, instance_->module());
    const std::vector<ExportType>& exports = module->export_types();
    for (size_t i = 0; i < exports.size(); ++i) {
      const Ref ref = instance_->exports()[i];
      if (exports[i].name == name && store_.Is<DefinedFunc>(ref))
        return store_.UnsafeGet<DefinedFunc>(ref);
    }
    refuse("instantiate", (std::string("no exported function ") + name).c_str());
  }

  uint32_t index_of(Ref function) {
    const RefVec& functions = instance_->funcs();
    for (size_t i = 0; i < functions.size(); ++i) {
      if (functions[i] == function) return static_cast<uint32_t>(i);
    }
    return kNoFunction;
  }

  // Keeps `position.constructor` true after a call or a return.
  template <class Check>
  void follow(Check check) {
    const size_t depth = frames().size();
    if (chain_depth_ != 0 && depth <= chain_depth_ && position.constructor != kNoFunction) {
      check();
      position.constructor = kNoFunction;
    }
    if (depth < chain_depth_) chain_depth_ = 0;
    if (depth == 0) return;
    const Ref innermost = frames().back().func;
    if (innermost == chain_)
      chain_depth_ = depth;
    else if (chain_depth_ != 0 && depth == chain_depth_ + 1)
      position.constructor = index_of(innermost);
  }

  [[noreturn]] void stop(const char* kind, const char* detail) {
    if (!frames().empty()) {
      size_t innermost = frames().size() - 1;
      // An import's own frame has no instance: its caller is what can be named.
      if (frames()[innermost].inst == nullptr && innermost > 0) --innermost;
      position.function = index_of(frames()[innermost].func);
    }
    refuse(kind, detail);
  }

  wabt::Features features_;
  Store store_;
  Thread thread_;
  Instance::Ptr instance_;
  Ref chain_ = Ref::Null;
  size_t chain_depth_ = 0;  // 1 + the position of the innermost chain on the stack, 0 for none
};

// What a snapshot cannot express, as it was after instantiation.
class FixedState {
 public:
  explicit FixedState(Machine& machine) : machine_(machine) {
    Instance& instance = machine_.instance();
    for (const Ref ref : instance.tables()) tables_.push_back(table(ref).elements());
    for (const ElemSegment& segment : instance.elems()) elements_.push_back(segment.size());
    for (const Ref ref : instance.globals()) {
      if (IsReference(global(ref).type().type))
        references_.emplace_back(ref, global(ref).Get().Get<Ref>());
    }
  }

  void check() {
    Instance& instance = machine_.instance();
    for (size_t i = 0; i < tables_.size(); ++i) {
      if (table(instance.tables()[i]).elements() != tables_[i]) refuse("table");
    }
    for (size_t i = 0; i < elements_.size(); ++i) {
      if (instance.elems()[i].size() != elements_[i]) refuse("element");
    }
    for (const auto& [ref, value] : references_) {
      if (global(ref).Get().Get<Ref>() != value) refuse("reference");
    }
  }

 private:
  Table& table(Ref ref) { return *machine_.store().UnsafeGet<Table>(ref); }
  Global& global(Ref ref) { return *machine_.store().UnsafeGet<Global>(ref); }

  Machine& machine_;
  std::vector<RefVec> tables_;
  std::vector<uint32_t> elements_;
  std::vector<std::pair<Ref, Ref>> references_;
};

// Standard output, up to a limit.
class Output {
 public:
  explicit Output(uint64_t limit) : left_(limit) {}
  void write(const void* data, size_t size) {
    if (size > left_) refuse("output");
    left_ -= size;
    if (std::fwrite(data, 1, size, stdout) != size) refuse("write");
  }
  void write_u32(uint32_t value) { write(&value, sizeof value); }

 private:
  uint64_t left_;
};

void write_global(Output& out, const Global& global) {
  uint8_t bytes[16] = {};
  const Value value = global.Get();
  const auto put = [&](auto number) { std::memcpy(bytes, &number, sizeof number); };
  // The bits of floating point values are copied, never converted: a NaN keeps its payload.
  if (global.type().type == ValueType::I32) put(value.Get<u32>());
  if (global.type().type == ValueType::I64) put(value.Get<u64>());
  if (global.type().type == ValueType::F32) put(value.Get<f32>());
  if (global.type().type == ValueType::F64) put(value.Get<f64>());
  if (global.type().type == ValueType::V128) put(value.Get<v128>());
  out.write(bytes, sizeof bytes);
}

// Position of the first byte at or behind `at` that is not zero, or `size`. Memory is a multiple of
// eight bytes.
uint64_t skip_zeros(const uint8_t* memory, uint64_t at, uint64_t size) {
  while (at < size) {
    uint64_t word;
    if (at % sizeof word == 0) {
      std::memcpy(&word, memory + at, sizeof word);
      if (word == 0) {
        at += sizeof word;
        continue;
      }
    }
    if (memory[at] != 0) return at;
    ++at;
  }
  return size;
}

void write_memory(Output& out, const uint8_t* memory, uint64_t size) {
  for (uint64_t begin = skip_zeros(memory, 0, size); begin < size;) {
    uint64_t end = begin + 1;
    uint64_t next = size;
    while (end < size) {
      next = memory[end] != 0 ? end : skip_zeros(memory, end, size);
      // What stays within one run is no longer than the header of another one.
      if (next == size || next - end >= kRunHeader) break;
      end = next + 1;
    }
    if (end == size) next = size;
    out.write_u32(static_cast<uint32_t>(begin));
    out.write_u32(static_cast<uint32_t>(end - begin));
    out.write(memory + begin, end - begin);
    begin = next;
  }
}

int take_snapshot(uint32_t chain, uint64_t instructions, uint64_t output_bytes) {
  Machine machine(read_standard_input(), chain);
  if (machine.instance().memories().size() != 1) refuse("instantiate", "not one memory");
  FixedState state(machine);
  machine.run("_initialize", instructions, [&] { state.check(); });

  Output out(output_bytes);
  Store& store = machine.store();
  Memory& memory = *store.UnsafeGet<Memory>(machine.instance().memories()[0]);
  out.write_u32(static_cast<uint32_t>(memory.PageSize()));
  const RefVec& globals = machine.instance().globals();
  out.write_u32(static_cast<uint32_t>(globals.size()));
  for (const Ref ref : globals) write_global(out, *store.UnsafeGet<Global>(ref));
  write_memory(out, memory.UnsafeData(), memory.ByteSize());
  if (std::fflush(stdout) != 0) refuse("write");
  // Without taking the instance down, which can be large.
  std::_Exit(0);
}

}  // namespace

int main(int count, char** arguments) {
  // wabt is built without exceptions, and would unwind through frames that do not expect it.
  std::set_new_handler([] { refuse("memory"); });
  if (count == 5 && std::strcmp(arguments[1], "snapshot") == 0) {
    return take_snapshot(static_cast<uint32_t>(std::strtoul(arguments[2], nullptr, 10)),
                         std::strtoull(arguments[3], nullptr, 10),
                         std::strtoull(arguments[4], nullptr, 10));
  }
  if (count >= 5 && std::strcmp(arguments[1], "run") == 0) {
    std::vector<size_t> positions;
    for (int i = 5; i < count; ++i)
      positions.push_back(static_cast<size_t>(std::strtoull(arguments[i], nullptr, 10)));
    return count_runs(
        {static_cast<uint32_t>(std::strtoul(arguments[2], nullptr, 10)),
         std::strtoull(arguments[3], nullptr, 10), std::strtoull(arguments[4], nullptr, 10)},
        positions);
  }
  if (count == 2 && std::strcmp(arguments[1], "call") == 0) return call_kernels();
  std::fputs(
      "usage: wasmpack-interpreter snapshot CHAIN INSTRUCTIONS OUTPUT_BYTES\n"
      "       wasmpack-interpreter run CHAIN INSTRUCTIONS PAGES EXPORT...\n"
      "       wasmpack-interpreter call\n",
      stderr);
  return 2;
}
