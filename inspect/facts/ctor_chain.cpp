#include "inspect/facts/ctor_chain.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "object/function_calls.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

constexpr std::string_view kChainName = "__wasm_call_ctors";
constexpr std::string_view kWrapperSuffix = ".command_export";
constexpr uint32_t kNoFunction = UINT32_MAX;

// Entries of all ConstructorFact::calls together: a hostile file could name one function with many
// callees as its constructor very often. And entries of a finished module's chain.
constexpr size_t kMaxCallsListed = 1 << 16;

// What wasm-ld lets the chain call besides constructors.
constexpr std::string_view kLinkerMade[] = {"__wasm_apply_data_relocs",
                                            "__wasm_apply_global_relocs", "__wasm_init_memory",
                                            "__wasm_init_tls"};

FunctionRef make_ref(const FunctionNames& names, uint32_t function) {
  return {function, names.find(function)};
}

// ---- Objects ------------------------------------------------------------------------------------

void list_init_functions(const Object& object, Facts& facts) {
  std::vector<uint32_t> order(object.init_functions.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&object](uint32_t a, uint32_t b) {
    return object.init_functions[a].priority < object.init_functions[b].priority;
  });
  for (const uint32_t position : order) {
    const InitFunction& init = object.init_functions[position];
    const Symbol& symbol = object.symbols[init.symbol];
    facts.constructors.push_back({static_cast<uint32_t>(facts.constructors.size()),
                                  init.priority,
                                  {symbol.index, symbol.name},
                                  std::nullopt});
  }
}

// Walks the relocations of the code once: who refers to the chain, and what constructors call.
class ObjectCalls {
 public:
  ObjectCalls(const Object& object, const FunctionNames& names, Facts& facts)
      : object_(object), names_(names), facts_(facts) {
    for (size_t i = facts.constructors.size(); i-- > 0;)
      constructor_of_[facts.constructors[i].function.index] = i;
  }

  void gather() {
    const int code = object_.find_section(SectionId::code);
    if (code < 0) return;
    for (const auto& [function, position] : constructor_of_)
      if (!object_.function_body(function).empty()) facts_.constructors[position].calls.emplace();
    const RelocationSection* relocations = object_.find_relocations(static_cast<uint32_t>(code));
    if (relocations == nullptr) return;
    Cursor cursor(relocations->entries);
    for (uint32_t i = 0; i < relocations->count && cursor.ok(); ++i) {
      const Relocation relocation = read_relocation(cursor);
      if (cursor.ok()) visit(relocation);
    }
    if (!cursor.ok()) facts_.init.is_complete = false;
  }

 private:
  void visit(const Relocation& relocation) {
    if (relocation.kind == kTypeIndexLeb || relocation.index >= object_.symbols.size()) return;
    const Symbol& symbol = object_.symbols[relocation.index];
    if (symbol.kind != SymbolKind::function) return;
    const bool is_chain = symbol.name == kChainName;
    if (!is_chain && constructor_of_.empty()) return;
    const uint32_t function = find_function_at(relocation.offset);
    if (function == kNoFunction) return;
    if (is_chain && callers_seen_.insert(function).second)
      facts_.init.callers.push_back({CallerKind::symbol, names_.find(function), function, {}});
    if (relocation.kind != kFunctionIndexLeb) return;
    const auto found = constructor_of_.find(function);
    if (found != constructor_of_.end()) add_call(found->second, symbol);
  }

  void add_call(size_t constructor, const Symbol& symbol) {
    const uint64_t key = uint64_t{constructor} << 32 | symbol.index;
    if (!calls_seen_.insert(key).second) return;
    std::optional<std::vector<FunctionRef>>& calls = facts_.constructors[constructor].calls;
    if (calls_seen_.size() > kMaxCallsListed)
      calls.reset();
    else if (calls)
      calls->push_back({symbol.index, symbol.name});
  }

  // The function whose body holds that offset of the code section. Relocations come in order, so
  // the search goes on where the last one ended.
  uint32_t find_function_at(uint32_t offset) {
    const std::vector<FunctionBody>& code = object_.code;
    if (position_ < code.size() && offset < code[position_].offset) position_ = 0;
    position_ = static_cast<size_t>(
        std::upper_bound(
            code.begin() + static_cast<std::ptrdiff_t>(position_), code.end(), offset,
            [](uint32_t at, const FunctionBody& body) { return at < body.offset + body.size; }) -
        code.begin());
    if (position_ == code.size() || offset < code[position_].offset) return kNoFunction;
    return object_.imported_count(ExternKind::function) + static_cast<uint32_t>(position_);
  }

  const Object& object_;
  const FunctionNames& names_;
  Facts& facts_;
  std::unordered_map<uint32_t, size_t> constructor_of_;  // function -> its first ConstructorFact
  std::unordered_set<uint32_t> callers_seen_;
  std::unordered_set<uint64_t> calls_seen_;
  size_t position_ = 0;
};

void gather_object_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  InitFacts& init = facts.init;
  init.model = InitModel::object;
  list_init_functions(object, facts);
  init.chain = ChainState::absent;
  for (const Symbol& symbol : object.symbols) {
    if (symbol.kind != SymbolKind::function || symbol.name != kChainName) continue;
    init.chain = ChainState::present;
    if (symbol.is_defined()) init.function = symbol.index;
  }
  if (init.chain == ChainState::absent)
    init.reason = "nothing in this object refers to __wasm_call_ctors, which the final link makes";
  if (init.chain == ChainState::present || !facts.constructors.empty())
    ObjectCalls(object, names, facts).gather();
}

// ---- Finished modules ---------------------------------------------------------------------------

// Reads function bodies until the budget is spent, each at most once.
class CallReader {
 public:
  explicit CallReader(const Object& object) : object_(object) {}

  // Null if the function is imported, or too large for what is left of the budget.
  const FunctionCalls* read(uint32_t function) {
    const auto [entry, is_new] = calls_.try_emplace(function);
    if (!is_new) return entry->second ? &*entry->second : nullptr;
    const Bytes body = object_.function_body(function);
    if (body.empty()) return nullptr;
    if (body.size() > budget_) {
      is_complete_ = false;
      return nullptr;
    }
    budget_ -= body.size();
    entry->second = find_function_calls(body);
    FunctionCalls& calls = *entry->second;
    if (!calls.is_complete) is_complete_ = false;
    // The reader of the object leaves bodies alone, so the indices are unchecked until here.
    std::erase_if(calls.callees, [this](uint32_t f) { return f >= object_.function_count(); });
    return &calls;
  }

  bool is_complete() const { return is_complete_; }

 private:
  const Object& object_;
  std::unordered_map<uint32_t, std::optional<FunctionCalls>> calls_;
  uint64_t budget_ = kMaxBytesRead;
  bool is_complete_ = true;
};

uint32_t find_chain(const Object& object, const FunctionNames& names) {
  for (const Export& entry : object.exports) {
    if (entry.kind == ExternKind::function && entry.name == kChainName &&
        object.find_import(ExternKind::function, entry.index) == nullptr)
      return entry.index;
  }
  const int64_t named = names.find_defined(kChainName);
  return named < 0 ? kNoFunction : static_cast<uint32_t>(named);
}

void list_chain_calls(const FunctionNames& names, CallReader& reader, Facts& facts) {
  const FunctionCalls* chain = reader.read(*facts.init.function);
  if (chain == nullptr) return;
  facts.init.is_plain = chain->is_plain;
  size_t listed = 0;
  for (const uint32_t function : chain->callees) {
    if (facts.constructors.size() == kMaxCallsListed) {
      facts.init.is_complete = false;
      return;
    }
    const FunctionRef ref = make_ref(names, function);
    if (std::ranges::find(kLinkerMade, ref.name) != std::end(kLinkerMade)) continue;
    ConstructorFact constructor{static_cast<uint32_t>(facts.constructors.size()), std::nullopt, ref,
                                std::nullopt};
    const FunctionCalls* calls = reader.read(function);
    if (calls != nullptr && calls->is_complete &&
        listed + calls->callees.size() < kMaxCallsListed) {
      listed += calls->callees.size();
      std::unordered_set<uint32_t> seen;
      constructor.calls.emplace();
      for (const uint32_t callee : calls->callees)
        if (seen.insert(callee).second) constructor.calls->push_back(make_ref(names, callee));
    }
    facts.constructors.push_back(std::move(constructor));
  }
}

// The exports and the start function, those first that usually run the chain: should the budget
// end, they were read.
std::vector<uint32_t> list_roots(const Object& object, const FunctionNames& names) {
  std::vector<uint32_t> roots;
  const auto add = [&](bool wants_usual) {
    for (const Export& entry : object.exports) {
      if (entry.kind != ExternKind::function) continue;
      const bool is_usual = entry.name == "_start" || entry.name == "_initialize" ||
                            names.find(entry.index).ends_with(kWrapperSuffix);
      if (is_usual == wants_usual) roots.push_back(entry.index);
    }
  };
  if (object.start) roots.push_back(*object.start);
  add(true);
  add(false);
  return roots;
}

// For each function found to lead to the chain: what it calls on the shortest way there.
std::unordered_map<uint32_t, uint32_t> find_ways(const Object& object, const FunctionNames& names,
                                                 uint32_t chain, CallReader& reader) {
  // Level by level from the roots, so that a spent budget costs the farthest callers only.
  std::unordered_map<uint32_t, std::vector<uint32_t>> callers_of;
  std::unordered_set<uint32_t> seen{chain};
  std::vector<uint32_t> level = list_roots(object, names);
  for (unsigned depth = 0; depth < kMaxCallDepth && !level.empty(); ++depth) {
    std::vector<uint32_t> next;
    for (const uint32_t function : level) {
      if (!seen.insert(function).second) continue;
      const FunctionCalls* calls = reader.read(function);
      if (calls == nullptr) continue;
      for (const uint32_t callee : calls->callees) {
        std::vector<uint32_t>& callers = callers_of[callee];
        if (callers.empty() || callers.back() != function) callers.push_back(function);
        if (!seen.contains(callee)) next.push_back(callee);
      }
    }
    level = std::move(next);
  }
  // And back from the chain.
  std::unordered_map<uint32_t, uint32_t> ways{{chain, chain}};
  level = {chain};
  for (unsigned depth = 0; depth < kMaxCallDepth; ++depth) {
    std::vector<uint32_t> next;
    for (const uint32_t callee : level) {
      const auto callers = callers_of.find(callee);
      if (callers == callers_of.end()) continue;
      for (const uint32_t caller : callers->second)
        if (ways.try_emplace(caller, callee).second) next.push_back(caller);
    }
    level = std::move(next);
  }
  return ways;
}

std::vector<FunctionRef> list_path(const FunctionNames& names,
                                   const std::unordered_map<uint32_t, uint32_t>& ways,
                                   uint32_t function, uint32_t chain) {
  std::vector<FunctionRef> path;
  if (function == chain) return path;
  for (uint32_t at = ways.at(function); at != chain; at = ways.at(at))
    path.push_back(make_ref(names, at));
  return path;
}

void list_callers(const Object& object, const FunctionNames& names, CallReader& reader,
                  InitFacts& init) {
  const uint32_t chain = *init.function;
  const std::unordered_map<uint32_t, uint32_t> ways = find_ways(object, names, chain, reader);
  if (object.start && ways.contains(*object.start)) {
    init.callers.push_back({CallerKind::start, names.find(*object.start), *object.start,
                            list_path(names, ways, *object.start, chain)});
  }
  for (const Export& entry : object.exports) {
    if (entry.kind != ExternKind::function || !ways.contains(entry.index)) continue;
    if (entry.index == chain) {
      if (!init.exported_as || entry.name == kChainName) init.exported_as = entry.name;
      continue;
    }
    const bool is_wrapper = names.find(entry.index).ends_with(kWrapperSuffix);
    init.callers.push_back({is_wrapper ? CallerKind::wrapper : CallerKind::export_, entry.name,
                            entry.index, list_path(names, ways, entry.index, chain)});
  }
}

InitModel find_model(const Object& object) {
  InitModel model = InitModel::library;
  for (const Export& entry : object.exports) {
    if (entry.kind != ExternKind::function) continue;
    if (entry.name == "_start") return InitModel::command;
    if (entry.name == "_initialize") model = InitModel::reactor;
  }
  return model;
}

void gather_module_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  InitFacts& init = facts.init;
  init.model = find_model(object);
  const uint32_t chain = find_chain(object, names);
  if (chain == kNoFunction) {
    const bool is_told = names.has_names() || object.code.empty();
    init.chain = is_told ? ChainState::absent : ChainState::unknown;
    init.reason = object.code.empty() ? "the module has no code"
                  : is_told
                      ? "no function is named __wasm_call_ctors: there are no constructors, or "
                        "an optimizer has inlined them"
                      : "names are stripped, so the ctor chain cannot be told from other code";
    return;
  }
  init.chain = ChainState::present;
  init.function = chain;
  CallReader reader(object);
  list_chain_calls(names, reader, facts);
  list_callers(object, names, reader, init);
  init.is_complete = init.is_complete && reader.is_complete();
}

}  // namespace

void gather_ctor_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  if (object.has_linking)
    gather_object_chain(object, names, facts);
  else
    gather_module_chain(object, names, facts);
}

}  // namespace wasmpack
