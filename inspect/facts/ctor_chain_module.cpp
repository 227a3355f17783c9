#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "inspect/facts/call_reader.h"
#include "inspect/facts/ctor_chain_parts.h"
#include "inspect/facts/ctor_chain_runs.h"
#include "inspect/facts/ctor_chain_shape.h"
#include "inspect/facts/guard_body.h"
#include "object/function_calls.h"

namespace wasmpack {
namespace {

constexpr uint32_t kNoFunction = UINT32_MAX;

// What wasm-ld lets the chain call besides constructors.
constexpr std::string_view kLinkerMade[] = {"__wasm_apply_data_relocs",
                                            "__wasm_apply_global_relocs", "__wasm_init_memory",
                                            "__wasm_init_tls"};

FunctionRef make_ref(const FunctionNames& names, uint32_t function) {
  return {function, names.find(function)};
}

// The `name` section first: in a repaired module the export of that name is the guard. Without
// names the chain is what that guard runs.
uint32_t find_chain(const Object& object, const FunctionNames& names) {
  std::optional<uint32_t> exported;
  for (const Export& entry : object.exports) {
    if (entry.kind == ExternKind::function && entry.name == kChainName &&
        object.find_import(ExternKind::function, entry.index) == nullptr)
      exported = entry.index;
  }
  const int64_t named = names.find_defined(kChainName);
  const uint32_t chain = named < 0 ? exported.value_or(kNoFunction) : static_cast<uint32_t>(named);
  if (chain != exported) return chain;
  const std::optional<uint32_t> guarded = read_guard_body(object.function_body(chain));
  const bool is_defined = guarded && !object.function_body(*guarded).empty();
  return is_defined ? *guarded : chain;
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
    ConstructorFact constructor{
        static_cast<uint32_t>(facts.constructors.size()), std::nullopt, ref, std::nullopt, {}, {}};
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

std::vector<FunctionRef> list_path(const FunctionNames& names,
                                   const std::unordered_map<uint32_t, uint32_t>& ways,
                                   uint32_t function, uint32_t chain) {
  std::vector<FunctionRef> path;
  if (function == chain) return path;
  for (uint32_t at = ways.at(function); at != chain; at = ways.at(at))
    path.push_back(make_ref(names, at));
  return path;
}

// Of an export that is a command wrapper of this chain, what it does; also where names are gone.
std::optional<CommandWrapper> find_wrapper(const Object& object, uint32_t function,
                                           uint32_t chain) {
  const std::optional<CommandWrapper> wrapper = read_command_wrapper(object, function);
  return wrapper && wrapper->chain == chain && wrapper->wrapped != chain ? wrapper : std::nullopt;
}

void list_callers(const Object& object, const FunctionNames& names,
                  const std::unordered_map<uint32_t, uint32_t>& ways, InitFacts& init) {
  const uint32_t chain = *init.function;
  if (object.start && ways.contains(*object.start)) {
    init.callers.push_back({CallerKind::start, names.find(*object.start), *object.start,
                            list_path(names, ways, *object.start, chain)});
  }
  std::unordered_map<uint32_t, std::optional<CommandWrapper>> wrappers;
  for (const Export& entry : object.exports) {
    if (entry.kind != ExternKind::function || !ways.contains(entry.index)) continue;
    if (entry.index == chain) {
      if (!init.exported_as || entry.name == kChainName) init.exported_as = entry.name;
      continue;
    }
    const auto [known, is_new] = wrappers.try_emplace(entry.index);
    if (is_new) known->second = find_wrapper(object, entry.index, chain);
    const std::optional<CommandWrapper>& wrapper = known->second;
    if (wrapper && wrapper->destructors) init.destructors = wrapper->destructors;
    const bool is_wrapper = names.find(entry.index).ends_with(kWrapperSuffix) ||
                            (wrapper && entry.name != "_initialize");
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

// The state and the reason where there is no chain, or none that can be told.
void explain_missing_chain(const Object& object, const FunctionNames& names, InitFacts& init) {
  init.chain = ChainState::absent;
  if (object.code.empty()) {
    init.reason = "the module has no code";
  } else if (names.has_names()) {
    init.reason =
        "no function is named __wasm_call_ctors: there are no constructors, or an optimizer has "
        "inlined them";
  } else {
    init.chain = ChainState::unknown;  // find_chain_by_shape() has said why
  }
  if (object.start) init.reason += "; its start section runs code when it is instantiated";
}

}  // namespace

void gather_module_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  InitFacts& init = facts.init;
  init.model = find_model(object);
  uint32_t chain = find_chain(object, names);
  if (chain == kNoFunction && !names.has_names() && !object.code.empty()) {
    ChainByShape shape = find_chain_by_shape(object);
    init.is_by_shape = shape.function.has_value();
    chain = shape.function.value_or(kNoFunction);
    init.reason = std::move(shape.reason);
  }
  if (chain == kNoFunction) {
    explain_missing_chain(object, names, init);
    gather_unknown_runs(object, facts);
    return;
  }
  init.chain = ChainState::present;
  init.function = chain;
  CallReader reader(object);
  list_chain_calls(names, reader, facts);
  const uint32_t targets[] = {chain};
  const std::unordered_map<uint32_t, uint32_t> ways = reader.find_ways(targets);
  list_callers(object, names, ways, init);
  gather_runs(object, reader, ways, facts);
  init.is_complete = init.is_complete && reader.is_complete();
}

}  // namespace wasmpack
