#include "inspect/facts/ctor_chain_runs.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>

#include "inspect/facts/ctor_chain_shape.h"
#include "inspect/facts/guard_walk.h"
#include "inspect/facts/memory_image.h"

namespace wasmpack {
namespace {

// Exports that are listed, and functions that are looked at behind one export for an indirect call.
constexpr size_t kMaxExports = 1 << 16;
constexpr size_t kMaxFunctionsBehind = 256;
constexpr size_t kMaxFunctionsBehindAll = 1 << 18;
// Calls of the chain that a function must have too to be taken for a copy of it.
constexpr size_t kMaxCompared = 64;
// Constructors that are looked at for guards of their own.
constexpr size_t kMaxGuards = 4096;

using WalkResult = tl::expected<WalkState, std::string>;

class RunCounter {
 public:
  RunCounter(const Object& object, CallReader& reader,
             const std::unordered_map<uint32_t, uint32_t>& ways, uint32_t chain,
             uint64_t& steps_left)
      : object_(object),
        reader_(reader),
        ways_(ways),
        chain_(chain),
        memory_(object),
        is_in_table_(finds_way_in_table()),
        walk_(object, memory_, chain, ways, is_in_table_, may_run_itself(), steps_left) {
    is_complete_ = reader.is_complete();
    find_copies();
  }

  void count(InitFacts& init) {
    WalkResult fresh = WalkState();
    if (object_.start) fresh = call(fresh, *object_.start);
    const std::optional<uint32_t> initialize = find_initialize(object_);
    WalkResult initialized = fresh;
    if (initialize) initialized = call(fresh, *initialize);
    for (const Export& entry : object_.exports) {
      if (entry.kind != ExternKind::function) continue;
      if (init.runs.size() == kMaxExports) {
        init.is_complete = false;
        return;
      }
      ExportRuns runs{entry.name, {}, {}, {}, {}};
      const WalkResult first = call(fresh, entry.index);
      take(first, runs.first, runs.reason);
      take(call(first, entry.index), runs.again, runs.reason);
      if (initialize) take(call(initialized, entry.index), runs.after_initialize, runs.reason);
      init.runs.push_back(std::move(runs));
    }
  }

 private:
  static void take(const WalkResult& result, std::optional<uint32_t>& runs, std::string& reason) {
    if (result)
      runs = result->runs;
    else if (reason.empty())
      reason = result.error();
  }

  // Also where the chain is too much to read.
  bool may_run_itself() {
    const FunctionCalls* calls = reader_.read(chain_);
    return calls == nullptr || std::ranges::any_of(calls->callees, [this](uint32_t callee) {
             return ways_.contains(callee);
           });
  }

  bool is_exported(uint32_t function) const {
    return std::ranges::any_of(object_.exports, [function](const Export& entry) {
      return entry.kind == ExternKind::function && entry.index == function;
    });
  }

  bool finds_way_in_table() const {
    for (const ElementSegment& segment : object_.elements)
      for (const uint32_t function : segment.functions)
        if (ways_.contains(function)) return true;
    return false;
  }

  // Functions that call all that the chain calls, in its order: an optimizer may have put the chain
  // into them.
  void find_copies() {
    const FunctionCalls* chain = reader_.read(chain_);
    if (chain == nullptr || chain->callees.empty()) return;
    // One constructor is also called for its own sake; and an exported chain is the host's to call.
    if (chain->callees.size() == 1 && is_exported(chain_)) return;
    const auto begin =
        std::span(chain->callees).first(std::min(chain->callees.size(), kMaxCompared));
    const uint32_t targets[] = {begin.front()};
    const auto ways = reader_.find_ways(targets);
    is_complete_ = is_complete_ && reader_.is_complete();
    for (const auto& [function, callee] : ways) {
      if (function == chain_ || callee != targets[0] || function == targets[0]) continue;
      const FunctionCalls* calls = reader_.read(function);
      if (calls == nullptr) continue;
      if (!std::ranges::search(calls->callees, begin).empty()) copies_.push_back(function);
    }
    if (copies_.empty()) return;
    copy_ways_ = reader_.find_ways(copies_);
  }

  WalkResult call(const WalkResult& state, uint32_t function) {
    if (!state) return state;
    if (object_.find_import(ExternKind::function, function) != nullptr)
      return tl::make_unexpected(std::string(kIsImported));
    if (!is_complete_ && function != chain_)
      return tl::make_unexpected("not all code could be read");
    if (copy_ways_.contains(function) && !ways_.contains(function)) {
      return tl::make_unexpected(
          "it runs the same constructors itself: perhaps the chain was inlined there");
    }
    if (!ways_.contains(function)) {
      if (is_in_table_ && may_call_indirectly(function))
        return tl::make_unexpected("it calls through a table, which may lead to the chain");
      return state;
    }
    auto after = walk_.call(*state, function);
    if (!after) return tl::make_unexpected(std::string(after.error()));
    return std::move(*after);
  }

  bool may_call_indirectly(uint32_t function) {
    std::vector<uint32_t> queue = {function};
    std::unordered_set<uint32_t> seen = {function};
    for (size_t i = 0; i < queue.size(); ++i) {
      if (object_.find_import(ExternKind::function, queue[i]) != nullptr) continue;
      const FunctionCalls* calls = reader_.read(queue[i]);
      if (calls == nullptr || !calls->is_complete || calls->is_indirect) return true;
      for (const uint32_t callee : calls->callees)
        if (seen.insert(callee).second) queue.push_back(callee);
      if (queue.size() > kMaxFunctionsBehind || ++looked_at_ > kMaxFunctionsBehindAll) return true;
    }
    return false;
  }

  const Object& object_;
  CallReader& reader_;
  const std::unordered_map<uint32_t, uint32_t>& ways_;
  uint32_t chain_;
  MemoryImage memory_;
  bool is_in_table_;
  GuardWalk walk_;
  bool is_complete_ = true;
  size_t looked_at_ = 0;
  std::vector<uint32_t> copies_;
  std::unordered_map<uint32_t, uint32_t> copy_ways_;
};

// What a constructor calls if that happens in its first call only: it guards itself.
std::optional<uint32_t> find_guarded(const Object& object, const MemoryImage& memory,
                                     CallReader& reader, uint32_t constructor,
                                     uint64_t& steps_left) {
  const FunctionCalls* calls = reader.read(constructor);
  if (calls == nullptr || calls->callees.size() != 1 || calls->is_indirect) return std::nullopt;
  const uint32_t target = calls->callees.front();
  if (target == constructor || object.function_body(target).empty()) return std::nullopt;
  const FunctionCalls* inner = reader.read(target);
  if (inner == nullptr || inner->callees.size() > steps_left) return std::nullopt;
  steps_left -= inner->callees.size();
  const bool is_entered = std::ranges::any_of(
      inner->callees, [&](uint32_t callee) { return callee == target || callee == constructor; });
  const std::unordered_map<uint32_t, uint32_t> ways = {{target, target}, {constructor, target}};
  GuardWalk walk(object, memory, target, ways, /*is_in_table=*/false, is_entered, steps_left);
  const auto first = walk.call({}, constructor);
  if (!first || first->runs != 1) return std::nullopt;
  const auto again = walk.call(*first, constructor);
  return again && again->runs == 1 ? std::optional(target) : std::nullopt;
}

// The first constructor proper, if each one that the chain calls guards itself.
std::optional<uint32_t> find_guarded_constructor(const Object& object, CallReader& reader,
                                                 const InitFacts& init, uint64_t& steps_left) {
  const FunctionCalls* chain = reader.read(*init.function);
  if (chain == nullptr || !chain->is_plain || chain->callees.empty() ||
      chain->callees.size() > kMaxGuards)
    return std::nullopt;
  const std::vector<uint32_t> callees = chain->callees;
  const MemoryImage memory(object);
  std::optional<uint32_t> first;
  std::unordered_set<uint32_t> seen;
  for (const uint32_t callee : callees) {
    if (!seen.insert(callee).second) continue;
    const std::optional<uint32_t> guarded =
        find_guarded(object, memory, reader, callee, steps_left);
    if (!guarded) return std::nullopt;
    if (!first) first = guarded;
  }
  return first;
}

}  // namespace

void gather_runs(const Object& object, CallReader& reader,
                 const std::unordered_map<uint32_t, uint32_t>& ways, Facts& facts) {
  InitFacts& init = facts.init;
  uint64_t steps_left = kMaxWalkSteps;
  init.counted = find_guarded_constructor(object, reader, init, steps_left);
  steps_left = kMaxWalkSteps;
  if (!init.counted) {
    init.counted = init.function;
    return RunCounter(object, reader, ways, *init.function, steps_left).count(init);
  }
  const uint32_t targets[] = {*init.counted};
  RunCounter(object, reader, reader.find_ways(targets), *init.counted, steps_left).count(init);
}

void gather_unknown_runs(const Object& object, Facts& facts) {
  for (const Export& entry : object.exports) {
    if (entry.kind != ExternKind::function) continue;
    if (facts.init.runs.size() == kMaxExports) return;
    facts.init.runs.push_back({entry.name, {}, {}, {}, "the ctor chain is not known"});
  }
}

}  // namespace wasmpack
