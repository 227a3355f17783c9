#include "children/interpreter_call.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/time.h>
#include <wabt/cast.h>
#include <wabt/config.h>
#include <wabt/interp/interp.h>

#include "children/interpreter_access.h"
#include "children/standard_input.h"

namespace {

using namespace wabt::interp;
using Clock = std::chrono::steady_clock;
using ByteVector = std::vector<uint8_t>;

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint32_t kMostErrorText = 4096;
// Under --imports zero. A libc asks for its preopened folders until there is no other: with zeros
// it would do so for ever.
constexpr const char* kAskedForEver = "wasi_snapshot_preview1.fd_prestat_get";
constexpr uint32_t kNoFile = 8;  // WASI's EBADF

// Set by SIGALRM. Looking at the clock now and then would not do: one step can be a memory.fill of
// a gigabyte.
volatile std::sig_atomic_t is_late = 0;

// Sets is_late after that time, until it goes away.
class RunTimer {
 public:
  explicit RunTimer(uint32_t milliseconds) {
    is_late = 0;
    std::signal(SIGALRM, [](int) { is_late = 1; });
    set(milliseconds);
  }
  ~RunTimer() { set(0); }
  RunTimer(const RunTimer&) = delete;
  RunTimer& operator=(const RunTimer&) = delete;

 private:
  static void set(uint32_t milliseconds) {
    itimerval timer{};
    timer.it_value.tv_sec = milliseconds / 1000;
    timer.it_value.tv_usec = static_cast<suseconds_t>(milliseconds % 1000) * 1000;
    setitimer(ITIMER_REAL, &timer, nullptr);
  }
};

// Our own command wrote the input, so a damaged one is a bug of ours.
class InputReader {
 public:
  explicit InputReader(const ByteVector& bytes) : bytes_(bytes) {}

  uint32_t read_u32() {
    uint32_t value = 0;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  ByteVector read_sized() {
    const uint32_t size = read_u32();
    const uint8_t* begin = take(size);
    return ByteVector(begin, begin + size);
  }
  std::string read_text() {
    const ByteVector bytes = read_sized();
    return std::string(bytes.begin(), bytes.end());
  }

 private:
  const uint8_t* take(size_t size) {
    if (size > bytes_.size() - at_) refuse("input", "it ends too early");
    at_ += size;
    return bytes_.data() + at_ - size;
  }

  const ByteVector& bytes_;
  size_t at_ = 0;
};

class OutputWriter {
 public:
  void write_u32(uint32_t value) { write(&value, sizeof value); }
  void write_u64(uint64_t value) { write(&value, sizeof value); }
  void write_sized(const void* data, size_t size) {
    write_u32(static_cast<uint32_t>(size));
    write(data, size);
  }
  void write_text(const std::string& text) { write_sized(text.data(), text.size()); }

 private:
  void write(const void* data, size_t size) {
    if (size != 0 && std::fwrite(data, 1, size, stdout) != size) refuse("write");
  }
};

struct PatchSpec {
  uint32_t offset, buffer;
};
struct BufferSpec {
  uint32_t size, align;
  ByteVector content;
  std::vector<PatchSpec> patches;
};
struct Settings {
  uint32_t warmup, repeat, inner, timeout_ms, answer_imports, most_failures, pages;
};
struct CallSpec {
  uint32_t module;
  std::string kernel;
  ByteVector trampoline;
  uint32_t library, failure_sign, result_offset;
  std::vector<BufferSpec> buffers;
  uint32_t frame;
  std::vector<uint32_t> outputs;
};

CallSpec read_call(InputReader& in) {
  CallSpec call;
  call.module = in.read_u32();
  call.kernel = in.read_text();
  call.trampoline = in.read_sized();
  call.library = in.read_u32();
  call.failure_sign = in.read_u32();
  call.result_offset = in.read_u32();
  // The module itself says what it imports.
  for (uint32_t left = in.read_u32(); left > 0; --left) {
    in.read_sized();
    in.read_sized();
    in.read_u32();
    in.read_sized();
    in.read_u32();
    in.read_u32();
  }
  for (uint32_t left = in.read_u32(); left > 0; --left) {
    BufferSpec buffer;
    buffer.size = in.read_u32();
    buffer.align = in.read_u32();
    buffer.content = in.read_sized();
    for (uint32_t patches = in.read_u32(); patches > 0; --patches) {
      const uint32_t offset = in.read_u32();
      buffer.patches.push_back({offset, in.read_u32()});
    }
    call.buffers.push_back(std::move(buffer));
  }
  call.frame = in.read_u32();
  for (uint32_t left = in.read_u32(); left > 0; --left) call.outputs.push_back(in.read_u32());
  return call;
}

struct Failure {
  uint32_t run = kNone, function = kNoFunction;
  std::string kind, message;
};

// One instance of a bundle. Whatever fails leaves a failure; then the instance is of no use, but
// after one of kind "kernel".
class Bundle {
 public:
  Bundle(const ByteVector& bytes, const CallSpec& call, const Settings& settings)
      : features_(interpreter_features()), store_(features_), call_(call), settings_(settings) {
    ModuleDesc desc = read_module(bytes, features_);
    // Run by steps here, so that it has a limit.
    uint32_t start = kNoFunction;
    for (const StartDesc& item : desc.starts) start = item.func_index;
    desc.starts.clear();
    bound_module(desc, settings.pages);
    module_ = Module::New(store_, std::move(desc));
    instance_ = instantiate(*module_, make_imports(*module_), "instantiate");
    if (!instance_) return;
    if (start != kNoFunction && !run_function(instance_->funcs()[start], {}, "instantiate")) return;
    if (!run_export("_initialize", {}, "initialize")) return;
    prepare();
  }

  const std::optional<Failure>& failure() const { return failure_; }
  uint64_t nanoseconds() const { return nanoseconds_; }
  uint64_t instructions() const { return instructions_; }

  // Calls the kernel as often as one run asks for. False: there is a new failure().
  bool run() {
    failure_.reset();
    const Values arguments = {Value::Make(addresses_[call_.frame]), Value::Make(settings_.inner),
                              Value::Make(slot_)};
    if (!run_function(trampoline_->funcs()[trampoline_function_], arguments, "trap")) return false;
    return call_.failure_sign == 0 || check_result();
  }

  void write_outputs(OutputWriter& out) {
    for (const uint32_t i : call_.outputs) {
      const uint32_t size = call_.buffers[i].size;
      out.write_sized(memory_at(addresses_[i], size), size);
    }
  }

 private:
  bool fail(const char* kind, std::string message, uint32_t function = kNoFunction) {
    if (!failure_) failure_ = Failure{kNone, function, kind, std::move(message)};
    return false;
  }

  RefVec make_imports(const Module& module) {
    RefVec imports;
    for (const ImportType& import : module.import_types()) {
      if (import.type->kind == ExternKind::Memory)
        imports.push_back(Memory::New(store_, *wabt::cast<MemoryType>(import.type.get())).ref());
      else if (import.type->kind == ExternKind::Func)
        imports.push_back(make_function(import));
      else
        refuse("instantiate", "an import that is neither a function nor a memory");
    }
    return imports;
  }

  Ref make_function(const ImportType& import) {
    const auto& type = *wabt::cast<FuncType>(import.type.get());
    const std::string name = import.module + "." + import.name;
    Values given = make_zeros(type.results);
    if (name == kAskedForEver && type.results == ValueTypes{ValueType::I32})
      given[0] = Value::Make(kNoFile);
    const auto answer = [this, given, name](Thread&, const Values&, Values& results, Trap::Ptr*) {
      // No trap: after a tail call wabt would lose it. The loop of steps looks.
      if (settings_.answer_imports == 0) imported_ = name;
      results = given;
      return wabt::Result::Ok;
    };
    return HostFunc::New(store_, type, answer).ref();
  }

  Instance::Ptr instantiate(const Module& module, const RefVec& imports, const char* kind) {
    Trap::Ptr trap;
    Instance::Ptr instance = Instance::Instantiate(store_, module.self(), imports, &trap);
    if (!instance) fail(kind, trap->message());
    return instance;
  }

  std::optional<Ref> find_export(const char* name, ExternKind kind) {
    const std::vector<ExportType>& exports = module_->export_types();
    for (size_t i = 0; i < exports.size(); ++i) {
      if (exports[i].name == name && exports[i].type->kind == kind) return instance_->exports()[i];
    }
    fail("instantiate", std::string("no export ") + name);
    return std::nullopt;
  }

  bool run_export(const char* name, const Values& arguments, const char* kind,
                  Values* results = nullptr) {
    const std::optional<Ref> function = find_export(name, ExternKind::Func);
    return function && run_function(*function, arguments, kind, results);
  }

  bool run_function(Ref ref, const Values& arguments, const char* kind, Values* results = nullptr) {
    if (!store_.Is<DefinedFunc>(ref)) return fail(kind, "it is an imported function");
    const DefinedFunc::Ptr function = store_.UnsafeGet<DefinedFunc>(ref);
    Thread thread(store_);
    std::vector<Frame>& frames = frames_of(thread);
    frames.reserve(kCallDepth);
    // All that is called here has words only; the kernel has its trampoline.
    const ValueTypes words(arguments.size(), ValueType::I32);
    const ValueTypes result_words(results == nullptr ? 0 : 1, ValueType::I32);
    if (function->type().params != words || function->type().results != result_words)
      return fail(kind, "its type is another");
    push_values(thread, function->type().params, arguments);
    Trap::Ptr trap;
    const RunTimer timer(settings_.timeout_ms);
    const Clock::time_point begin = Clock::now();
    if (push_call(thread, *function, &trap) != RunResult::Ok)
      return fail(kind, "the call stack is exhausted");
    uint64_t steps = 0;
    RunResult result = RunResult::Ok;
    while (result == RunResult::Ok) {
      if (is_late != 0) {
        return fail("timeout", "took longer than " + std::to_string(settings_.timeout_ms) + " ms",
                    find_place(frames));
      }
      ++steps;
      result = thread.Step(&trap);
      if (!imported_.empty()) {
        const bool is_constructor = std::string_view(kind) == "initialize";
        return fail(is_constructor ? "initialize" : "import",
                    std::string(is_constructor ? "a constructor calls" : "calls") +
                        " the import '" + std::exchange(imported_, {}) +
                        "'; --imports zero answers such calls with zeros");
      }
    }
    nanoseconds_ = static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count());
    instructions_ = steps;
    if (result == RunResult::Exception) return fail(kind, "an exception that nothing catches");
    if (result == RunResult::Trap) return fail(kind, trap->message(), find_place(frames));
    if (results != nullptr) pop_values(thread, function->type().results, results);
    return true;
  }

  // The index of the innermost function of the bundle.
  uint32_t find_place(const std::vector<Frame>& frames) {
    const RefVec& functions = instance_->funcs();
    for (size_t i = frames.size(); i-- > 0;) {
      const auto found = std::find(functions.begin(), functions.end(), frames[i].func);
      if (found != functions.end()) return static_cast<uint32_t>(found - functions.begin());
    }
    return kNoFunction;
  }

  Memory& memory() { return *memory_; }
  // Bytes that alloc() has checked; memory never shrinks.
  uint8_t* memory_at(uint32_t address, uint32_t) { return memory().UnsafeData() + address; }

  bool call_for_word(const char* name, const Values& arguments, const char* kind, uint32_t& word) {
    Values results;
    if (!run_export(name, arguments, kind, &results)) return false;
    word = results[0].Get<uint32_t>();
    return true;
  }

  bool alloc(uint32_t size, uint32_t align, uint32_t& address) {
    const uint32_t wanted = std::max<uint32_t>(size, 1);
    if (!call_for_word("wasmpack_alloc", {Value::Make(wanted), Value::Make(align)}, "memory",
                       address))
      return false;
    if (address == 0) {
      return fail("memory",
                  "the bundle has no memory for " + std::to_string(size) + " bytes of arguments");
    }
    if (address > memory().ByteSize() || size > memory().ByteSize() - address)
      return fail("memory", "wasmpack_alloc gives memory that is not there");
    return true;
  }

  // Memory for the arguments, and the function to call.
  bool prepare() {
    const std::optional<Ref> memory_ref = find_export("memory", ExternKind::Memory);
    const std::optional<Ref> table_ref =
        find_export("__indirect_function_table", ExternKind::Table);
    if (!memory_ref || !table_ref) return false;
    memory_ = store_.UnsafeGet<Memory>(*memory_ref);
    uint32_t name = 0, handle = 0;
    const auto name_size = static_cast<uint32_t>(call_.kernel.size());
    if (!alloc(name_size, 1, name)) return false;
    std::copy(call_.kernel.begin(), call_.kernel.end(), memory_at(name, name_size));
    if (!call_for_word("wasmpack_find", {Value::Make(name), Value::Make(name_size)}, "lookup",
                       handle) ||
        !call_for_word("wasmpack_entry", {Value::Make(handle)}, "initialize", slot_))
      return false;
    if (slot_ == 0) return fail("lookup", "the registry does not have the kernel");
    for (const BufferSpec& buffer : call_.buffers) {
      if (!alloc(buffer.size, buffer.align, addresses_.emplace_back())) return false;
    }
    for (size_t i = 0; i < call_.buffers.size(); ++i) fill(call_.buffers[i], addresses_[i]);
    const Module::Ptr trampoline = Module::New(store_, read_module(call_.trampoline, features_));
    trampoline_function_ = 0;
    trampoline_ = instantiate(*trampoline, {*memory_ref, *table_ref}, "lookup");
    return trampoline_.get() != nullptr;
  }

  void fill(const BufferSpec& buffer, uint32_t address) {
    uint8_t* at = memory_at(address, buffer.size);
    std::fill(at, at + buffer.size, uint8_t{0});
    std::copy(buffer.content.begin(), buffer.content.end(), at);
    for (const PatchSpec& patch : buffer.patches)
      std::memcpy(at + patch.offset, &addresses_[patch.buffer], sizeof(uint32_t));
  }

  // Whether the kernel's result says that all went well.
  bool check_result() {
    const uint64_t nanoseconds = nanoseconds_, instructions = instructions_;
    int32_t code = 0;
    std::memcpy(&code, memory_at(addresses_[call_.frame], 4) + call_.result_offset, sizeof code);
    if (code == 0) return true;
    uint32_t text = 0;
    if (call_.failure_sign == 1 &&
        !call_for_word("wasmpack_error", {Value::Make(call_.library)}, "trap", text))
      return false;
    nanoseconds_ = nanoseconds;
    instructions_ = instructions;
    if (text == 0 || text >= memory().ByteSize())
      return fail("kernel", "the kernel returned " + std::to_string(code));
    const auto* begin = reinterpret_cast<const char*>(memory_at(text, 0));
    const size_t most =
        static_cast<size_t>(std::min<uint64_t>(kMostErrorText, memory().ByteSize() - text));
    return fail("kernel", std::string(begin, strnlen(begin, most)));
  }

  wabt::Features features_;
  Store store_;
  const CallSpec& call_;
  const Settings& settings_;
  Module::Ptr module_;
  Instance::Ptr instance_, trampoline_;
  size_t trampoline_function_ = 0;
  Memory::Ptr memory_;
  std::vector<uint32_t> addresses_;
  uint32_t slot_ = 0;
  std::string imported_;  // the import that code has called
  std::optional<Failure> failure_;
  uint64_t nanoseconds_ = 0, instructions_ = 0;  // of the last function
};

void run_call(const ByteVector& module, const CallSpec& call, const Settings& settings,
              OutputWriter& out) {
  std::vector<Failure> failures;
  std::vector<uint64_t> samples;
  uint64_t instructions = UINT64_MAX;
  std::unique_ptr<Bundle> bundle;
  bool has_outputs = false;
  for (uint32_t run = 0;
       run < settings.warmup + settings.repeat && failures.size() < settings.most_failures; ++run) {
    if (!bundle) {
      bundle = std::make_unique<Bundle>(module, call, settings);
      if (bundle->failure()) {
        failures.push_back(*bundle->failure());
        break;
      }
    }
    has_outputs = bundle->run();
    if (has_outputs) {
      if (run >= settings.warmup) samples.push_back(bundle->nanoseconds());
      instructions = bundle->instructions();
      continue;
    }
    failures.push_back(*bundle->failure());
    failures.back().run = run;
    if (failures.back().kind != "kernel") bundle.reset();
  }
  out.write_u32(static_cast<uint32_t>(failures.size()));
  for (const Failure& failure : failures) {
    out.write_u32(failure.run);
    out.write_u32(failure.function);
    out.write_text(failure.kind);
    out.write_text(failure.message);
  }
  out.write_u32(static_cast<uint32_t>(samples.size()));
  for (const uint64_t sample : samples) out.write_u64(sample);
  out.write_u64(instructions);
  out.write_u32(has_outputs && bundle ? 1 : 0);
  if (has_outputs && bundle) bundle->write_outputs(out);
}

}  // namespace

int call_kernels() {
  const ByteVector input = read_standard_input();
  InputReader in(input);
  std::vector<ByteVector> modules;
  for (uint32_t left = in.read_u32(); left > 0; --left) modules.push_back(in.read_sized());
  Settings settings;
  for (uint32_t* field : {&settings.warmup, &settings.repeat, &settings.inner, &settings.timeout_ms,
                          &settings.answer_imports, &settings.most_failures, &settings.pages})
    *field = in.read_u32();
  OutputWriter out;
  out.write_text("wabt " WABT_VERSION_STRING);
  for (uint32_t left = in.read_u32(); left > 0; --left) {
    const CallSpec call = read_call(in);
    run_call(modules[call.module], call, settings, out);
  }
  std::fflush(stdout);
  // Without taking instances down, which can be large.
  std::_Exit(0);
}
