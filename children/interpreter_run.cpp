#include "children/interpreter_run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <wabt/cast.h>
#include <wabt/interp/interp.h>

#include "children/interpreter_access.h"
#include "children/standard_input.h"

namespace {

using namespace wabt::interp;

// Of one call; what all calls may need is RunLimits::instructions.
constexpr uint64_t kInstructionsOfCall = 4'000'000;
// What making an instance costs, in instructions: bytes of memory to clear for one of them.
constexpr uint64_t kBytesPerInstruction = 64;

struct Trouble {
  const char* kind = "-";
  const char* call = "-";
  std::string detail;
};

// The module, of which fresh instances are made.
class Runner {
 public:
  Runner(ModuleDesc module, const wabt::Features& features, const RunLimits& limits)
      : store_(features), limits_(limits), left_(limits.instructions) {
    // Run by steps here, so that it is counted and has a limit.
    for (const StartDesc& start : module.starts) start_ = start.func_index;
    module.starts.clear();
    bound_module(module, limits.pages);
    for (const MemoryDesc& memory : module.memories) pages_ += memory.type.limits.initial;
    for (const ImportDesc& import : module.imports) {
      if (import.type.type->kind == ExternKind::Memory)
        pages_ += wabt::cast<MemoryType>(import.type.type.get())->limits.initial;
    }
    module_ = Module::New(store_, std::move(module));
  }

  void run(const std::vector<size_t>& positions) {
    const std::vector<ExportType>& exports = module_->export_types();
    for (size_t i = 0; i < exports.size(); ++i)
      if (exports[i].name == "_initialize" && exports[i].type->kind == ExternKind::Func)
        initialize_ = i;
    for (const size_t i : positions) {
      if (i < exports.size() && exports[i].type->kind == ExternKind::Func) count(i);
      if (left_ == 0) return;
    }
  }

 private:
  void count(size_t position) {
    trouble_ = {};
    std::string first = "-", again = "-", after = "-";
    if (begin()) {
      if (call(position, "first")) first = std::to_string(runs_);
      if (first != "-" && call(position, "again")) again = std::to_string(runs_);
    }
    if (initialize_ != kNone && begin() && call(initialize_, "initialize") &&
        call(position, "after"))
      after = std::to_string(runs_);
    std::printf("%zu %s %s %s %s %s %s\n", position, first.c_str(), again.c_str(), after.c_str(),
                trouble_.kind, trouble_.call, trouble_.detail.c_str());
    std::fflush(stdout);
  }

  // A fresh instance, whose start function has run.
  bool begin() {
    runs_ = 0;
    const uint64_t cost = 1000 + pages_ * 65536 / kBytesPerInstruction;
    if (cost > left_) return report("instructions", "start", "");
    left_ -= cost;
    instance_ = {};
    store_.Collect();
    RefVec imports;
    for (const ImportType& import : module_->import_types()) imports.push_back(make_import(import));
    Trap::Ptr trap;
    instance_ = Instance::Instantiate(store_, module_.ref(), imports, &trap);
    if (!instance_) return report("instantiate", "start", trap->message());
    if (limits_.chain >= instance_->funcs().size()) refuse("instantiate", "no such function");
    chain_ = instance_->funcs()[limits_.chain];
    if (start_ == kNoFunction) return true;
    return call_function(instance_->funcs()[start_], "start");
  }

  Ref make_import(const ImportType& import) {
    switch (import.type->kind) {
      case ExternKind::Func: {
        const auto& type = *wabt::cast<FuncType>(import.type.get());
        return HostFunc::New(store_, type,
                             [zeros = make_zeros(type.results)](Thread&, const Values&,
                                                                Values& results, Trap::Ptr*) {
                               results = zeros;
                               return wabt::Result::Ok;
                             })
            .ref();
      }
      case ExternKind::Table:
        return Table::New(store_, *wabt::cast<TableType>(import.type.get())).ref();
      case ExternKind::Memory:
        return Memory::New(store_, *wabt::cast<MemoryType>(import.type.get())).ref();
      case ExternKind::Global: {
        const auto& type = *wabt::cast<GlobalType>(import.type.get());
        return Global::New(store_, type, make_zero(type.type)).ref();
      }
      default:
        return Tag::New(store_, *wabt::cast<TagType>(import.type.get())).ref();
    }
  }

  // Whether it returned; after a trap an instance is no measure of what calls do.
  bool call(size_t position, const char* name) {
    return call_function(instance_->exports()[position], name);
  }

  bool call_function(Ref ref, const char* name) {
    if (!store_.Is<DefinedFunc>(ref)) return true;  // the host's own
    const DefinedFunc::Ptr function = store_.UnsafeGet<DefinedFunc>(ref);
    Thread thread(store_);
    std::vector<Frame>& frames = frames_of(thread);
    frames.reserve(kCallDepth);
    Trap::Ptr trap;
    push_values(thread, function->type().params, make_zeros(function->type().params));
    if (push_call(thread, *function, &trap) != RunResult::Ok)
      return report("trap", name, "the call stack is exhausted");
    size_t depth = 0;
    Ref innermost = Ref::Null;
    for (uint64_t steps = kInstructionsOfCall;; --steps, --left_) {
      // A step enters one function at most; a tail call does not change the depth.
      if (frames.size() != depth || (depth != 0 && frames.back().func != innermost)) {
        const bool is_entered = frames.size() >= depth;
        depth = frames.size();
        innermost = depth == 0 ? Ref::Null : frames.back().func;
        if (is_entered && innermost == chain_) ++runs_;
      }
      if (steps == 0 || left_ == 0) return report("instructions", name, "");
      const RunResult result = thread.Step(&trap);
      if (result == RunResult::Return) return true;
      if (result == RunResult::Exception) return report("exception", name, "");
      if (result == RunResult::Trap) return report("trap", name, trap->message());
    }
  }

  bool report(const char* kind, const char* call, std::string detail) {
    if (trouble_.kind[0] != '-') return false;
    std::replace_if(
        detail.begin(), detail.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; },
        ' ');
    trouble_ = {kind, call, std::move(detail)};
    return false;
  }

  static constexpr size_t kNone = SIZE_MAX;

  Store store_;
  RunLimits limits_;
  uint64_t left_;
  uint64_t pages_ = 0;
  Module::Ptr module_;
  uint32_t start_ = kNoFunction;
  size_t initialize_ = kNone;
  Instance::Ptr instance_;
  Ref chain_ = Ref::Null;
  uint32_t runs_ = 0;
  Trouble trouble_;
};

}  // namespace

int count_runs(const RunLimits& limits, const std::vector<size_t>& positions) {
  const wabt::Features features = interpreter_features();
  Runner runner(read_module(read_standard_input(), features), features, limits);
  runner.run(positions);
  std::fflush(stdout);
  // Without taking the instance down, which can be large.
  std::_Exit(0);
}
